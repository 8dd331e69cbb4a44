package simulator_test

import (
	"math"
	"slices"
	"testing"

	"github.com/pitcrew-telematics/pitcrew/obd"
	"github.com/pitcrew-telematics/pitcrew/simulator"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// values are all values of a signal in the messages of a car, in order.
func values(t *testing.T, f *simulator.Fleet, i int, signal vehicle.Signal) []float64 {
	t.Helper()
	var out []float64
	for _, s := range samplesOf(t, f, i) {
		for _, r := range s.Readings {
			if v, ok := r.Value.Float(); ok && r.Signal == signal {
				out = append(out, v)
			}
		}
	}
	return out
}

// samplesOf are the decoded samples of a car's whole history.
func samplesOf(t *testing.T, f *simulator.Fleet, i int) []vehicle.Sample {
	t.Helper()
	var out []vehicle.Sample
	for m := range f.History(i, f.Epoch(), f.End()) {
		vin, kind, err := obd.ParseTopic(m.Topic)
		if err != nil {
			t.Fatal(err)
		}
		report, _, err := obd.Decode(kind, vin, m.Payload, m.Time)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, report.Samples...)
	}
	return out
}

// What oil and tyre sensors say in messages is what the diary has of each day.
func TestSensorsSayTheSameInMessagesAndDiary(t *testing.T) {
	t.Parallel()
	f := fleet(t, simulator.Config{Seed: 4, Vehicles: 16, Epoch: epoch, HistoryDays: 60})
	oils, tyres := 0, 0
	for i := range f.Len() {
		d := f.Diary(i)
		var oil, tread []float64
		for _, day := range d.Days {
			if !math.IsNaN(day.Oil) {
				oil = append(oil, day.Oil)
			}
			if !math.IsNaN(day.Tread[3]) {
				tread = append(tread, day.Tread[3])
			}
		}
		if got := values(t, f, i, vehicle.OilCondition); !slices.Equal(got, oil) {
			t.Errorf("car %d: oil condition %v in messages, %v in the diary", i, got, oil)
		}
		if got := values(t, f, i, vehicle.TreadRearRight); !slices.Equal(got, tread) {
			t.Errorf("car %d: tread %v in messages, %v in the diary", i, got, tread)
		}
		if d.Profile.OilSensor != (len(oil) > 0) || d.Profile.TyreSensors != (len(tread) > 0) {
			t.Errorf("car %d: sensors %v and %v, %d and %d values", i, d.Profile.OilSensor, d.Profile.TyreSensors, len(oil), len(tread))
		}
		if len(oil) > 0 {
			oils++
		}
		if len(tread) > 0 {
			tyres++
		}
	}
	if oils < 4 || tyres < 3 {
		t.Errorf("%d cars of 16 sense their oil, %d their tyres", oils, tyres)
	}
}

// The errors are those of the literature: of the tread 0.37 to 0.42 mm, of the oil a
// few points, which fuel pulls to the fresh side.
func TestSensorErrors(t *testing.T) {
	t.Parallel()
	f := fleet(t, simulator.Config{Seed: 9, Vehicles: 80, Epoch: epoch, HistoryDays: 200, Upkeep: simulator.AtLimit})
	var oil, oilSquares, oils, treadSquares, treads float64
	for i := range f.Len() {
		d := f.Diary(i)
		for k, day := range d.Days {
			if !math.IsNaN(day.Oil) && day.Oil > 0 && day.Oil < 100 {
				e := 100 - day.Oil - 100*d.Damage["engine_oil"][k]
				oil, oilSquares, oils = oil+e, oilSquares+e*e, oils+1
			}
			if !math.IsNaN(day.Tread[0]) {
				worn := 8 - min(day.Tread[0]+day.Tread[1], day.Tread[2]+day.Tread[3])/2
				e := worn - 6.4*d.Damage["tyres"][k]
				treadSquares, treads = treadSquares+2*e*e, treads+1 // the mean of two wheels
			}
		}
	}
	if rms := math.Sqrt(treadSquares / treads); rms < 0.35 || rms > 0.46 {
		t.Errorf("tread off by %.2f mm", rms)
	}
	if mean, rms := oil/oils, math.Sqrt(oilSquares/oils); mean > 0 || mean < -4 || rms < 2 || rms > 8 {
		t.Errorf("oil off by %.1f points, root mean square %.1f", mean, rms)
	}
}

// What the sensor shows of oil that is spent tells the brand: most fills of a car have the
// same, some another.
func TestACarMostlyGetsTheSameOil(t *testing.T) {
	t.Parallel()
	f := fleet(t, simulator.Config{Seed: 5, Vehicles: 40, Epoch: epoch, HistoryDays: 3 * 365, Upkeep: simulator.AtLimit})
	alike, other := 0, 0
	for i := range f.Len() {
		if !f.Profile(i).OilSensor {
			continue
		}
		d, last := f.Diary(i), math.NaN()
		for k := 10; k < len(d.Days); k++ {
			if !(d.Days[k].Oil > d.Days[k-1].Oil+60) { // no change
				continue
			}
			spent := 0.0
			for _, day := range d.Days[k-10 : k] {
				spent += (100*d.Damage["engine_oil"][k-1] - 100 + day.Oil) / 10
			}
			switch apart := math.Abs(spent - last); {
			case apart < 3:
				alike++
			case apart >= 3:
				other++
			}
			last = spent
		}
	}
	t.Logf("of fills that follow each other %d show alike, %d otherwise", alike, other)
	if share := float64(alike) / float64(alike+other); alike+other < 30 || share < 0.55 || share > 0.95 {
		t.Errorf("of %d fills that follow each other %.2f show alike", alike+other, share)
	}
}
