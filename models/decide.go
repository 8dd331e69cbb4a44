package models

import (
	"fmt"
	"time"

	"github.com/pitcrew-telematics/pitcrew/internal/lang"
)

// Step is what is to be done with the version in the shadow.
type Step string

// The steps.
const (
	Promote Step = "promote" // it takes over
	Wait    Step = "wait"    // too little has happened since it was learned
	Reject  Step = "reject"  // it stays in the shadow until the fleet has taught another
)

// How much evidence a decision takes.
const (
	firstVehicles = 5                   // that taught the first model: below, the expert's is better
	enoughLives   = 30                  // that ended since; as many as a coverage is judged on
	enoughCars    = 10                  // that they come from: lives of one car are alike
	patience      = 28 * 24 * time.Hour // after which what there is has to do
)

// Decide says what becomes of a version in the shadow, given how it did beside the
// one in force on lives that ended since it was learned. active is nil while the
// expert's is in force: then a fleet of some size is enough.
//
// With enough lives it takes over unless it is worse by more than its error. Where
// lives end too rarely, as in a small fleet, it takes over after four weeks if
// nothing speaks against it and it rests on no less than the one in force.
func Decide(shadow Version, active *Version, c Comparison, now time.Time) (Step, lang.Text) {
	switch {
	case active == nil && shadow.Vehicles >= firstVehicles:
		return Promote, lang.Text{
			EN: fmt.Sprintf("The first model of this fleet, learned from %d vehicles: before it there was only general experience.", shadow.Vehicles),
			ZH: fmt.Sprintf("本车队的第一个模型，由 %d 辆车学得；此前只有一般经验。", shadow.Vehicles),
		}
	case active == nil:
		return Wait, lang.Text{
			EN: fmt.Sprintf("Learned from %d vehicles; the first model takes at least %d.", shadow.Vehicles, firstVehicles),
			ZH: fmt.Sprintf("由 %d 辆车学得；第一个模型至少需要 %d 辆。", shadow.Vehicles, firstVehicles),
		}
	case c.Lives >= enoughLives && c.Vehicles >= enoughCars:
		return byEvidence(c)
	case now.Sub(shadow.Learned) < patience:
		return Wait, lang.Text{
			EN: fmt.Sprintf("%s of %d vehicles ended since it was learned; %d of %d vehicles are needed, or %d days.",
				lives(c.Lives), c.Vehicles, enoughLives, enoughCars, int(patience.Hours()/24)),
			ZH: fmt.Sprintf("学得以来有 %d 辆车的 %d 个零件到达寿命终点；需要 %d 辆车的 %d 个，或满 %d 天。",
				c.Vehicles, c.Lives, enoughCars, enoughLives, int(patience.Hours()/24)),
		}
	}
	return byPatience(shadow, *active, c)
}

func byEvidence(c Comparison) (Step, lang.Text) {
	en, zh := c.words()
	if c.WorseBy.Low > 0 {
		return Reject, lang.Text{EN: en + " That is worse by more than its error.", ZH: zh + "差距超出误差范围。"}
	}
	return Promote, lang.Text{EN: en + " That is not worse by more than its error.", ZH: zh + "没有超出误差范围的变差。"}
}

// byPatience decides with little or no evidence.
func byPatience(shadow, active Version, c Comparison) (Step, lang.Text) {
	if c.Lives > 0 && c.WorseBy.Low > 0 {
		return byEvidence(c)
	}
	if shadow.Paths < active.Paths {
		return Reject, lang.Text{
			EN: fmt.Sprintf("Too few lives ended in %d days, and it rests on %d wear paths, fewer than the %d of the one in force.", int(patience.Hours()/24), shadow.Paths, active.Paths),
			ZH: fmt.Sprintf("%d 天内到达寿命终点的零件太少，且它依据 %d 条磨损路径，少于现用模型的 %d 条。", int(patience.Hours()/24), shadow.Paths, active.Paths),
		}
	}
	return Promote, lang.Text{
		EN: fmt.Sprintf("Too few lives ended in %d days to tell; nothing speaks against it, and it rests on %d wear paths, not fewer than the %d of the one in force.", int(patience.Hours()/24), shadow.Paths, active.Paths),
		ZH: fmt.Sprintf("%d 天内到达寿命终点的零件太少，无法比较；没有不利迹象，且它依据 %d 条磨损路径，不少于现用模型的 %d 条。", int(patience.Hours()/24), shadow.Paths, active.Paths),
	}
}

func lives(n int) string {
	if n == 1 {
		return "1 life"
	}
	return fmt.Sprintf("%d lives", n)
}
