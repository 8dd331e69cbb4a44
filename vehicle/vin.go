package vehicle

// VIN is a vehicle identification number, ISO 3779: 17 characters of 0-9 and
// A-Z without I, O and Q, upper case. Make one with ParseVIN.
type VIN string
