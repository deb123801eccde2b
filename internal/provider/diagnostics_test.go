package provider

import "testing"

// Seam's messages and names may be in any script.
func TestSentence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                       "",
		" \n":                    "",
		"no such user":           "No such user.",
		"No such user.":          "No such user.",
		"  two words ":           "Two words.",
		"über das Limit":         "Über das Limit.",
		"ñandú no encontrado.":   "Ñandú no encontrado.",
		"пользователь удалён":    "Пользователь удалён.",
		"用户不存在":                  "用户不存在.",
		"\U00010428 is a letter": "\U00010400 is a letter.",
		"ß":                      "ß.",
		"7 requests":             "7 requests.",
		"tls: bad certificate":   "tls: bad certificate.",
		"\xff is not UTF-8":      "\xff is not UTF-8.",
	} {
		if got := sentence(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
