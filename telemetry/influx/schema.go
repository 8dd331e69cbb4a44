package influx

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/pitcrew-telematics/pitcrew/telemetry"
	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// The schema. One measurement, one tag, one line per sample. Every signal has a
// home: the field that its OK values of its usual kind are in, which is the kind
// the signal dictionary gives it, else number.
//
//	Vehicle.Speed       float   numbers
//	Some|thing|n        float   numbers of a signal with a bar in its name
//	Vehicle.IsMoving|b  float   booleans, as 0 and 1
//	Vehicle.Brand|t     string  texts without control characters
//
// What does not fit there (another quality, another kind, a text that cannot
// travel in CSV) is an exception: a string in the field |x, and the home field
// gets a mark that no one measures. A later OK value replaces the mark, so the
// exception stops to count: InfluxDB never deletes a field, but the last write
// of a sample always decides.
//
//	Vehicle.Speed=-9.313225746154785e-10,Vehicle.Speed|x="2n255"   invalid, 255
//
// Which clock a sample's time comes from is said only when it is not the
// device's: |age=1 or |receiver=1.
const (
	measurement = "vehicle"
	vinTag      = "vin"

	suffixNumber    = "n"
	suffixBool      = "b"
	suffixText      = "t"
	suffixException = "x"
	fieldAge        = "|age"
	fieldReceiver   = "|receiver"

	markText = "|"
)

// markNumber is -2^-30: exact in binary and in decimal, close to zero for
// whoever draws it, and never measured. A value that is the mark all the same
// becomes an exception.
const markNumber = -1.0 / (1 << 30)

const markNumberText = "-0.000000000931322574615478515625"

// fieldName is how the home field of a signal is written.
type fieldName struct {
	kind      vehicle.Kind
	home      string // escaped for line protocol
	exception string
}

// fieldNames remembers the names, which are dear to work out for every value.
type fieldNames struct {
	cache *lru.Cache[vehicle.Signal, fieldName]
}

// As many signals as a mixed fleet reports; a miss only costs time.
const rememberedSignals = 8192

func newFieldNames() (*fieldNames, error) {
	cache, err := lru.New[vehicle.Signal, fieldName](rememberedSignals)
	if err != nil {
		return nil, fmt.Errorf("remember signals: %w", err)
	}
	return &fieldNames{cache: cache}, nil
}

func (n *fieldNames) of(s vehicle.Signal) fieldName {
	if f, ok := n.cache.Get(s); ok {
		return f
	}
	kind := vehicle.KindNumber
	if d, ok := vehicle.Lookup(s); ok {
		kind, _ = d.Type.Kind()
	}
	f := fieldName{kind: kind, home: escapeKey(homeName(s, kind)), exception: escapeKey(exceptionName(s))}
	n.cache.Add(s, f)
	return f
}

func homeName(s vehicle.Signal, kind vehicle.Kind) string {
	switch {
	case kind == vehicle.KindBool:
		return string(s) + "|" + suffixBool
	case kind == vehicle.KindText:
		return string(s) + "|" + suffixText
	case strings.Contains(string(s), "|"):
		return string(s) + "|" + suffixNumber
	}
	return string(s)
}

func exceptionName(s vehicle.Signal) string { return string(s) + "|" + suffixException }

// parseField is the signal of a field and what the field holds; the suffix of a
// plain number is suffixNumber.
func parseField(field string) (vehicle.Signal, string) {
	i := strings.LastIndexByte(field, '|')
	if i < 0 {
		return vehicle.Signal(field), suffixNumber
	}
	return vehicle.Signal(field[:i]), field[i+1:]
}

// lineWriter writes the lines of a batch. Records that follow each other mostly have
// the same signals in the same order, so it looks there first.
type lineWriter struct {
	names *fieldNames
	last  []signalName // of the record before, by place
}

type signalName struct {
	signal vehicle.Signal
	name   fieldName
}

// name is the field of a signal, given its place in the record.
func (w *lineWriter) name(place int, s vehicle.Signal) *fieldName {
	if place == len(w.last) {
		w.last = append(w.last, signalName{s, w.names.of(s)})
	} else if w.last[place].signal != s {
		w.last[place] = signalName{s, w.names.of(s)}
	}
	return &w.last[place].name
}

// appendLine adds the record in line protocol, without a line feed, or nothing
// when the record has no readings.
func (w *lineWriter) appendLine(b []byte, r *telemetry.Record) []byte {
	if len(r.Sample.Readings) == 0 {
		return b
	}
	b = append(b, measurement+","+vinTag+"="...)
	b = append(b, escapeKey(string(r.VIN))...)
	separator := byte(' ')
	for i := range r.Sample.Readings {
		b = append(b, separator)
		b = appendReading(b, w.name(i, r.Sample.Readings[i].Signal), &r.Sample.Readings[i])
		separator = ','
	}
	switch r.Sample.TimeSource {
	case vehicle.TimeFromAge:
		b = append(b, ","+fieldAge+"=1"...)
	case vehicle.TimeFromReceiver:
		b = append(b, ","+fieldReceiver+"=1"...)
	case vehicle.TimeFromDevice: // the usual case is not written
	}
	b = append(b, ' ')
	return strconv.AppendInt(b, r.Sample.Time.UnixMilli(), 10)
}

func appendReading(b []byte, f *fieldName, r *vehicle.Reading) []byte {
	b = append(b, f.home...)
	b = append(b, '=')
	plain := r.Quality == vehicle.QualityOK && r.Value.Kind == f.kind
	switch {
	case plain && f.kind == vehicle.KindText && !needsQuotes(r.Value.Text) && r.Value.Text != markText:
		return appendString(b, r.Value.Text)
	case plain && f.kind != vehicle.KindText && r.Value.Num != markNumber:
		return appendNumber(b, r.Value.Num)
	case f.kind == vehicle.KindText:
		b = appendString(b, markText)
	default:
		b = strconv.AppendFloat(b, markNumber, 'g', -1, 64)
	}
	b = append(b, ',')
	b = append(b, f.exception...)
	b = append(b, '=')
	return appendString(b, encodeException(r))
}

// appendNumber writes a number so that reading it gives the same one. Most have two
// decimals or none, for which strconv takes four times as long. The quotient of two
// whole numbers that float64 holds exactly is what reading its decimals gives.
func appendNumber(b []byte, v float64) []byte {
	const most = 1 << 46 // times 100 is still exact
	n := int64(0)
	if v > -most && v < most {
		n = int64(math.Round(v * 100))
	}
	if n == 0 || float64(n)/100 != v { // zero may be -0
		return strconv.AppendFloat(b, v, 'g', -1, 64)
	}
	if n < 0 {
		b, n = append(b, '-'), -n
	}
	b = strconv.AppendInt(b, n/100, 10)
	switch cents := n % 100; {
	case cents == 0:
		return b
	case cents%10 == 0:
		return append(b, '.', byte('0'+cents/10))
	default:
		return append(b, '.', byte('0'+cents/10), byte('0'+cents%10))
	}
}

// needsQuotes says whether CSV, as other tools read it, might not keep the text.
func needsQuotes(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// An exception is the quality, a letter for the kind, and the value, texts as Go
// string literals in ASCII: 2n255, 0b1, 0t"two\nlines".
func encodeException(r *vehicle.Reading) string {
	quality := strconv.Itoa(int(r.Quality))
	switch r.Value.Kind {
	case vehicle.KindText:
		return quality + suffixText + strconv.QuoteToASCII(r.Value.Text)
	case vehicle.KindBool:
		return quality + suffixBool + strconv.FormatFloat(r.Value.Num, 'g', -1, 64)
	default:
		return quality + suffixNumber + strconv.FormatFloat(r.Value.Num, 'g', -1, 64)
	}
}

func decodeException(signal vehicle.Signal, s string) (vehicle.Reading, error) {
	damaged := fmt.Errorf("field %s holds %.40q, which pitcrew did not write", exceptionName(signal), s)
	if len(s) < 3 || s[0] < '0' || s[0] > '0'+byte(vehicle.QualityOutOfRange) {
		return vehicle.Reading{}, damaged
	}
	r := vehicle.Reading{Signal: signal, Quality: vehicle.Quality(s[0] - '0')}
	kind, rest := s[1:2], s[2:]
	if kind == suffixText {
		text, err := strconv.Unquote(rest)
		if err != nil {
			return vehicle.Reading{}, damaged
		}
		r.Value = vehicle.Text(text)
		return r, nil
	}
	number, err := strconv.ParseFloat(rest, 64)
	switch {
	case err != nil || math.IsNaN(number) || math.IsInf(number, 0):
		return vehicle.Reading{}, damaged
	case kind == suffixNumber:
		r.Value = vehicle.Number(number)
	case kind == suffixBool:
		r.Value = vehicle.Bool(number != 0)
	default:
		return vehicle.Reading{}, damaged
	}
	return r, nil
}

// escapeKey escapes a tag value or a field name for line protocol.
func escapeKey(s string) string {
	if !strings.ContainsAny(s, ", =") {
		return s
	}
	return strings.NewReplacer(",", `\,`, " ", `\ `, "=", `\=`).Replace(s)
}

// appendString adds a string field's value for line protocol.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			b = append(b, '\\')
		}
		b = append(b, s[i])
	}
	return append(b, '"')
}

// refusal says why InfluxDB has no place for a record that other stores take,
// empty when it has: a backslash cannot be written everywhere in line protocol,
// and a VIN must be safe in three query languages.
func refusal(r *telemetry.Record) string {
	for i := range len(r.VIN) {
		if c := r.VIN[i]; c <= ' ' || c >= 0x7f || c == '\\' || c == '"' || c == '\'' {
			return fmt.Sprintf("the VIN %.40q has characters that InfluxDB cannot keep", string(r.VIN))
		}
	}
	for i := range r.Sample.Readings {
		signal := r.Sample.Readings[i].Signal
		if strings.Contains(string(signal), `\`) || signal == "time" {
			return fmt.Sprintf("the signal name %.40q cannot be kept by InfluxDB", string(signal))
		}
	}
	return ""
}
