package console_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

func TestVehicleIsErasedAfterItsVINWasTyped(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.get(english, "/vehicles/"+carVIN).sees("Erase this vehicle", "Type its VIN to go on", "gone for good")
	b.get(chinese, "/vehicles/"+carVIN).sees("删除此车辆", "永久删除")

	wrong := b.post("/vehicles/"+carVIN+"/erase", form("vin", "WVWZZZ1JZXW000001"))
	if wrong.StatusCode != http.StatusBadRequest || b.api.last() != nil {
		t.Errorf("another VIN: answered %d, the API was asked %v", wrong.StatusCode, b.api.last())
	}
	wrong.sees("nothing was erased")

	got := b.post("/vehicles/"+carVIN+"/erase", form("vin", " "+carVIN+" ", "keep_work", "on"))
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != "/erasures/receipt-1" {
		t.Errorf("answered %d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	want := proto.Message(&pitcrewv1.EraseVehicleRequest{Vin: carVIN, Actor: "advisor", KeepWork: true})
	if diff := cmp.Diff(want, b.api.last(), protocmp.Transform()); diff != "" {
		t.Errorf("the API was asked (-want +got):\n%s", diff)
	}
	b.get(english, "/erasures/receipt-1").sees("The vehicle was erased", "receipt-1", "Li", "Days of samples removed 412", "rollups 412 vehicles 1", "were kept")
	b.get(chinese, "/erasures/receipt-1").sees("车辆数据已删除")
}

func TestErasureThatFailsIsTold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.api.fail("EraseVehicle", status.Error(codes.Unavailable, "the database cannot be used at the moment"))
	got := b.post("/vehicles/"+carVIN+"/erase", form("vin", carVIN))
	if got.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("answered %d", got.StatusCode)
	}
	got.sees("Remove everything that is known of it Samples", "Try again")
}
