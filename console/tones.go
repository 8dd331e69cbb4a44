package console

import "github.com/pitcrew-telematics/pitcrew/api/pitcrewv1"

// codeTone is the badge of a trouble code's status.
func codeTone(status string) string {
	switch status {
	case "confirmed", "permanent":
		return "soon"
	}
	return "monitor"
}

// priorityTone is the badge of an order's priority.
func priorityTone(priority string) string {
	switch priority {
	case "emergency":
		return "stop"
	case "urgent":
		return "soon"
	}
	return "quiet"
}

// reminderTone is the badge of a reminder's state.
func reminderTone(state string) string {
	switch state {
	case "overdue":
		return "stop"
	case "due", "due_soon":
		return "soon"
	case "done":
		return "good"
	case "snoozed", "planned", "booked":
		return "wait"
	}
	return "quiet"
}

// outcomeTone is the badge of a line's outcome.
func outcomeTone(outcome string) string {
	switch outcome {
	case "fixed":
		return "good"
	case "deferred":
		return "wait"
	}
	return "quiet"
}

// standingOf is the badge and the word for how a vehicle stands.
func standingOf(v *pitcrewv1.Vehicle) (tone, word string) {
	switch {
	case v.GetDrivability() != "":
		return toneOf(v.GetDrivability()), v.GetDrivability()
	case v.GetDataUntil() == nil:
		return "wait", "unknown"
	case v.GetActiveCodes() > 0: // the planner has not come round yet
		return "wait", "assessing"
	}
	return "good", "good"
}

// readingTone is the badge of an odometer reading that is not believed: what somebody
// has to look at stands out.
func readingTone(r *pitcrewv1.OdometerReading) string {
	switch {
	case !undecided(r):
		return "quiet"
	case r.GetKind() == "rollback":
		return "stop"
	}
	return "soon"
}
