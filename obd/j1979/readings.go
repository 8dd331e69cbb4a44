package j1979

import "github.com/pitcrew-telematics/pitcrew/vehicle"

const freezeCause = 0x02 // PID 02: the code that froze the frame, as a J2012 word

// Readings returns the values that have a VSS signal, in VSS units. Values that
// the dictionary calls impossible keep their number and get
// vehicle.QualityOutOfRange.
func (a Answer) Readings() []vehicle.Reading {
	var readings []vehicle.Reading
	for _, v := range a.Values {
		if v.Field.Signal == "" {
			continue
		}
		r := vehicle.Reading{Signal: v.Field.Signal, Value: vehicle.Number(v.VSS())}
		def, _ := vehicle.Lookup(r.Signal)
		kind, _ := def.Type.Kind()
		switch {
		case a.PID.Number == freezeCause:
			code, frozen := vehicle.CodeFromWord(uint16(v.Number))
			if !frozen {
				continue // no frame is stored
			}
			r.Value = vehicle.Text(string(code))
		case kind == vehicle.KindBool:
			r.Value = vehicle.Bool(v.Number != 0)
		case !def.Contains(r.Value.Num):
			r.Quality = vehicle.QualityOutOfRange
		}
		readings = append(readings, r)
	}
	return readings
}
