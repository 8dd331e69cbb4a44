// Package console is pitcrew's web pages: the fleet, one vehicle, the work-order
// board, reminders and what could not be taken. The pages are rendered on the
// server, in English and Simplified Chinese, from the messages of the API, which
// is the console's only source: it has no way to the stores.
package console
