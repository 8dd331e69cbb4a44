package api

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// operation is what the contract cannot say of an rpc: how long it may take and
// whether it changes anything. Changing operations need write access.
type operation struct {
	limit  time.Duration
	writes bool
}

const (
	lookUp = 5 * time.Second  // a keyed read
	search = 15 * time.Second // reads many rows, or a time series
	change = 10 * time.Second // one transaction
)

// operations has one row for every rpc of the contract; checkOperations holds
// the two together.
var operations = map[string]operation{
	pitcrewv1.VehicleService_ListVehicles_FullMethodName:  {limit: search},
	pitcrewv1.VehicleService_GetVehicle_FullMethodName:    {limit: lookUp},
	pitcrewv1.VehicleService_PutVehicle_FullMethodName:    {limit: change, writes: true},
	pitcrewv1.VehicleService_GetSeries_FullMethodName:     {limit: search},
	pitcrewv1.VehicleService_ListTrips_FullMethodName:     {limit: search},
	pitcrewv1.VehicleService_ListForecasts_FullMethodName: {limit: lookUp},
	pitcrewv1.VehicleService_ListFindings_FullMethodName:  {limit: lookUp},
	pitcrewv1.VehicleService_GetFleet_FullMethodName:      {limit: lookUp},

	pitcrewv1.HistoryService_ListHistory_FullMethodName: {limit: search},
	pitcrewv1.HistoryService_AddHistory_FullMethodName:  {limit: change, writes: true},

	pitcrewv1.ReminderService_ListReminders_FullMethodName:   {limit: search},
	pitcrewv1.ReminderService_SnoozeReminder_FullMethodName:  {limit: change, writes: true},
	pitcrewv1.ReminderService_DeclineReminder_FullMethodName: {limit: change, writes: true},

	pitcrewv1.WorkOrderService_ListWorkOrders_FullMethodName:    {limit: search},
	pitcrewv1.WorkOrderService_GetWorkOrder_FullMethodName:      {limit: lookUp},
	pitcrewv1.WorkOrderService_AcceptWorkOrder_FullMethodName:   {limit: change, writes: true},
	pitcrewv1.WorkOrderService_DismissWorkOrder_FullMethodName:  {limit: change, writes: true},
	pitcrewv1.WorkOrderService_ReopenWorkOrder_FullMethodName:   {limit: change, writes: true},
	pitcrewv1.WorkOrderService_ScheduleWorkOrder_FullMethodName: {limit: change, writes: true},
	pitcrewv1.WorkOrderService_CheckInWorkOrder_FullMethodName:  {limit: change, writes: true},
	pitcrewv1.WorkOrderService_StartWorkOrder_FullMethodName:    {limit: change, writes: true},
	pitcrewv1.WorkOrderService_FinishWorkOrder_FullMethodName:   {limit: change, writes: true},
	pitcrewv1.WorkOrderService_CloseWorkOrder_FullMethodName:    {limit: change, writes: true},
	pitcrewv1.WorkOrderService_CancelWorkOrder_FullMethodName:   {limit: change, writes: true},

	pitcrewv1.QuarantineService_ListQuarantine_FullMethodName: {limit: search},
}

// checkOperations refuses an rpc without a row and a row without an rpc, so that
// no operation is served without its limits.
func checkOperations() error {
	var known, wrong []string
	for _, m := range rpcs() {
		name := fmt.Sprintf("/%s/%s", m.Parent().FullName(), m.Name())
		known = append(known, name)
		if op, ok := operations[name]; !ok || op.limit <= 0 {
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
