// Package thin takes a few of many, the same each time.
package thin

// Evenly is at most so many of a list, in their order and from all over it; the list itself where it has no more.
func Evenly[T any](list []T, most int) []T {
	if len(list) <= most {
		return list
	}
	out := make([]T, most)
	for i := range out {
		out[i] = list[i*len(list)/most]
	}
	return out
}
