package api

import (
	"context"
	"slices"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
	"github.com/pitcrew-telematics/pitcrew/internal/fault"
	"github.com/pitcrew-telematics/pitcrew/predict"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// ListComponents answers the component table in effect.
func (s vehicles) ListComponents(_ context.Context, req *pitcrewv1.ListComponentsRequest) (*pitcrewv1.ListComponentsResponse, error) {
	specs := s.o.Table.Specs()
	if p := vehicle.Powertrain(req.GetPowertrain()); p != vehicle.PowertrainUnknown {
		if !slices.Contains([]vehicle.Powertrain{vehicle.Petrol, vehicle.Diesel, vehicle.Hybrid, vehicle.BatteryElectric}, p) {
			return nil, fault.Invalidf("powertrain", "%q is not petrol, diesel, hybrid or battery_electric", p)
		}
		specs = slices.DeleteFunc(specs, func(spec predict.Spec) bool { return !spec.On(p) })
	}
	return &pitcrewv1.ListComponentsResponse{Components: each(specs, encodeComponent)}, nil
}

func encodeComponent(s predict.Spec) *pitcrewv1.Component {
	out := &pitcrewv1.Component{
		Component: string(s.Component), Name: text(s.Name), Powertrains: words(s.Powertrains), Optional: s.Optional,
		PlanKm: s.PlanKm, PlanMonths: int32(s.PlanMonths),
		Unit: s.Scale.Unit, NewAt: s.Scale.New, LimitAt: s.Scale.Limit, Signals: words(s.Sensor.Signals),
		Safety: string(s.Safety), Amber: s.Amber, Red: s.Red, Stop: s.Stop, ResetBy: s.ResetBy, Renews: words(s.Renews), FillLitres: s.FillLitres,
		Operation: &pitcrewv1.Operation{Code: s.Job.Code, Text: text(s.Job.Text), HoursMin: s.Job.HoursMin, HoursMax: s.Job.HoursMax},
	}
	if !s.Job.Part.IsZero() {
		out.Part = &pitcrewv1.Part{Name: text(s.Job.Part), Quantity: s.Job.Quantity}
	}
	return out
}
