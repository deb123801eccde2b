package seam

import "encoding/json"

// Change is a new value of one field in an update. The zero value leaves the field as
// it is.
type Change struct {
	set   bool
	value any // nil clears the field
}

// IsZero reports whether the field stays as it is, for omitzero.
func (c Change) IsZero() bool { return !c.set }

// MarshalJSON writes the value, or null.
func (c Change) MarshalJSON() ([]byte, error) { return json.Marshal(c.value) }

// changeOf is the change from one text to another. cleared is what clears the field.
func changeOf(from, to string, cleared any) Change {
	switch {
	case from == to:
		return Change{}
	case to == "":
		return Change{set: true, value: cleared}
	default:
		return Change{set: true, value: to}
	}
}
