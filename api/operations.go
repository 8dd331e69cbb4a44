package api

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

const (
	lookUp = 5 * time.Second  // a keyed read
	search = 15 * time.Second // reads many rows, or a time series
	change = 10 * time.Second // one transaction
	erase  = 30 * time.Second // both stores, behind the messages that came before; it goes on by itself
	replay = 60 * time.Second // a page of messages through ingest, behind those that cars send

	compare = 80 * time.Second // thousands of vehicles are read and forecast again
)

// operations has one row for every rpc of the contract, with what the contract
// cannot say: how long it may take. checkOperations holds the two together.
var operations = map[string]time.Duration{
	pitcrewv1.VehicleService_ListVehicles_FullMethodName:   search,
	pitcrewv1.VehicleService_GetVehicle_FullMethodName:     lookUp,
	pitcrewv1.VehicleService_PutVehicle_FullMethodName:     change,
	pitcrewv1.VehicleService_GetSeries_FullMethodName:      search,
	pitcrewv1.VehicleService_ListTrips_FullMethodName:      search,
	pitcrewv1.VehicleService_ListForecasts_FullMethodName:  lookUp,
	pitcrewv1.VehicleService_GetForecast_FullMethodName:    lookUp,
	pitcrewv1.VehicleService_ListComponents_FullMethodName: lookUp,
	pitcrewv1.VehicleService_ListFindings_FullMethodName:   lookUp,
	pitcrewv1.VehicleService_GetFleet_FullMethodName:       lookUp,
	pitcrewv1.VehicleService_GetFleetSeries_FullMethodName: search,
	pitcrewv1.VehicleService_EraseVehicle_FullMethodName:   erase,
	pitcrewv1.VehicleService_ListErasures_FullMethodName:   search,
	pitcrewv1.VehicleService_GetErasure_FullMethodName:     lookUp,

	pitcrewv1.OdometerService_ListOdometer_FullMethodName:     search,
	pitcrewv1.OdometerService_AcceptOdometer_FullMethodName:   change,
	pitcrewv1.OdometerService_VoidOdometer_FullMethodName:     change,
	pitcrewv1.OdometerService_CorrectOdometer_FullMethodName:  change,
	pitcrewv1.OdometerService_WithdrawOdometer_FullMethodName: change,

	pitcrewv1.HistoryService_ListHistory_FullMethodName: search,
	pitcrewv1.HistoryService_AddHistory_FullMethodName:  change,

	pitcrewv1.ReminderService_ListReminders_FullMethodName:   search,
	pitcrewv1.ReminderService_SnoozeReminder_FullMethodName:  change,
	pitcrewv1.ReminderService_DeclineReminder_FullMethodName: change,

	pitcrewv1.WorkOrderService_ListWorkOrders_FullMethodName:    search,
	pitcrewv1.WorkOrderService_GetWorkOrder_FullMethodName:      lookUp,
	pitcrewv1.WorkOrderService_AcceptWorkOrder_FullMethodName:   change,
	pitcrewv1.WorkOrderService_DismissWorkOrder_FullMethodName:  change,
	pitcrewv1.WorkOrderService_ReopenWorkOrder_FullMethodName:   change,
	pitcrewv1.WorkOrderService_ScheduleWorkOrder_FullMethodName: change,
	pitcrewv1.WorkOrderService_CheckInWorkOrder_FullMethodName:  change,
	pitcrewv1.WorkOrderService_StartWorkOrder_FullMethodName:    change,
	pitcrewv1.WorkOrderService_FinishWorkOrder_FullMethodName:   change,
	pitcrewv1.WorkOrderService_CloseWorkOrder_FullMethodName:    change,
	pitcrewv1.WorkOrderService_CancelWorkOrder_FullMethodName:   change,

	pitcrewv1.ModelService_ListModels_FullMethodName:    lookUp,
	pitcrewv1.ModelService_GetModel_FullMethodName:      lookUp,
	pitcrewv1.ModelService_CompareModels_FullMethodName: compare,
	pitcrewv1.ModelService_PromoteModel_FullMethodName:  change,
	pitcrewv1.ModelService_RollBackModel_FullMethodName: change,
	pitcrewv1.ModelService_ListAccuracy_FullMethodName:  search,

	pitcrewv1.QuarantineService_ListQuarantine_FullMethodName:    search,
	pitcrewv1.QuarantineService_ReplayQuarantine_FullMethodName:  replay,
	pitcrewv1.QuarantineService_DiscardQuarantine_FullMethodName: change,
}

// checkOperations refuses an rpc without a row and a row without an rpc, so that
// no operation is served without its limits.
func checkOperations() error {
	var known, wrong []string
	for _, m := range rpcs() {
		name := fmt.Sprintf("/%s/%s", m.Parent().FullName(), m.Name())
		known = append(known, name)
		if operations[name] <= 0 {
			wrong = append(wrong, name+" has no row or no limit")
		}
	}
	for name := range operations {
		if !slices.Contains(known, name) {
			wrong = append(wrong, name+" is not in the contract")
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return fmt.Errorf("check operations: %s", strings.Join(wrong, "; "))
	}
	return nil
}
