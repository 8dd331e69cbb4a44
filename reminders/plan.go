package reminders

// Plan says which reminders a vehicle should have by the facts alone.
func Plan(in Input) []Reminder { return nil }

// Reconcile says what to write so that the reminders of a vehicle follow what is
// desired.
func Reconcile(existing, desired []Reminder, in Input) Decision { return Decision{} }
