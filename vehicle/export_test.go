package vehicle

// ChosenLedger lets tests look for the best series also where nothing is to choose.
func ChosenLedger(readings []OdometerReading, decisions []OdometerDecision, maxKmPerDay float64) OdometerLedger {
	return chosen(inOrder(readings), decisions, maxKmPerDay*1000/86400)
}

// IsPlain reports whether readings leave nothing to choose.
func IsPlain(readings []OdometerReading, maxKmPerDay float64) bool {
	_, ok := plain(nil, inOrder(readings), maxKmPerDay*1000/86400)
	return ok
}
