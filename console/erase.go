package console

import (
	"net/http"
	"strings"

	"github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"
)

// eraseVehicle forgets a vehicle whose VIN was typed once more, and shows the receipt.
func (s *server) eraseVehicle(w http.ResponseWriter, r *http.Request, p *page) error {
	vin := r.PathValue("vin")
	var done *pitcrewv1.Erasure
	err := invalid("vin", "what was typed is not the VIN of this vehicle: nothing was erased")
	if strings.EqualFold(strings.TrimSpace(r.PostFormValue("vin")), vin) {
		done, err = s.vehicles.EraseVehicle(r.Context(), &pitcrewv1.EraseVehicleRequest{
			Vin: vin, Actor: p.SignedAs(), KeepWork: r.PostFormValue("keep_work") != "",
		})
	}
	if err == nil {
		s.names.Remove(vin)
		http.Redirect(w, r, "/erasures/"+done.GetId(), http.StatusSeeOther)
		return nil
	}
	v, readErr := s.vehicleNow(r.Context(), vin)
	if readErr != nil {
		return readErr
	}
	told := p.problemOf(err)
	v.EraseProblem, v.Form = &told, newRecordForm(p.Now, v.Zone)
	p.Title, p.Nav, p.Charts, p.FromForm, p.Here = titleOf(v.Vehicle), "fleet", true, true, "/vehicles/"+vin
	s.vehicleRest(r, p, v)
	return s.render(r.Context(), w, told.Status, layout(p, vehicleContent(p, v)))
}

func (s *server) receiptPage(w http.ResponseWriter, r *http.Request, p *page) error {
	e, err := s.vehicles.GetErasure(r.Context(), &pitcrewv1.GetErasureRequest{Id: r.PathValue("id")})
	if err != nil {
		return err
	}
	p.Title, p.Nav = p.T("receipt.title"), "fleet"
	return s.render(r.Context(), w, http.StatusOK, layout(p, receiptContent(p, e)))
}
