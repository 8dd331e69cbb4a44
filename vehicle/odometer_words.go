package vehicle

import (
	"fmt"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
)

// say writes one line in both languages from the same values, which the formats name
// by their places. A format that leaves a value out leaves no trace of it.
func say(en, zh string, values ...any) lang.Text {
	if len(values) == 0 {
		return lang.Text{EN: en, ZH: zh}
	}
	return lang.Text{EN: fmt.Sprintf(en, values...), ZH: fmt.Sprintf(zh, values...)}
}

func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// km is a distance as it stands before " km" and "公里".
func km(metres float64) string { return lang.Thousands(metres / 1000) }

func sourceZH(s OdometerSource) string {
	switch s {
	case OdometerTelemetry:
		return "车载数据"
	case OdometerWorkOrder:
		return "工单"
	case OdometerRecord:
		return "维修记录"
	case OdometerFuelCard:
		return "加油卡"
	case OdometerPerson:
		return "人员"
	}
	return string(s)
}
