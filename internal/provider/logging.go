package provider

import (
	"context"
	"log/slog"
	"strings"

	"github.com/hashicorp/terraform-plugin-log/tflog"
)

// tfLogVariables enable logs that can include the provider's. Without one of them,
// Terraform discards what a provider logs.
var tfLogVariables = []string{
	"TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_PROVIDER_SEAM", "TF_LOG_SDK", "TF_ACC_LOG", "TF_ACC_LOG_PATH", "TF_LOG_PATH_MASK",
}

// newLogger returns a logger for the client that writes to Terraform's log and masks
// the token.
func newLogger(getenv func(string) string, token string) *slog.Logger {
	for _, name := range tfLogVariables {
		if value := getenv(name); value != "" && !strings.EqualFold(value, "off") {
			return slog.New(logHandler{token: token})
		}
	}
	return slog.New(slog.DiscardHandler)
}

// logHandler writes records with tflog, whose logger is in ctx.
type logHandler struct {
	token string
	attrs []slog.Attr
}

func (h logHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h logHandler) Handle(ctx context.Context, record slog.Record) error {
	ctx = tflog.MaskMessageStrings(tflog.MaskAllFieldValuesStrings(ctx, h.token), h.token)
	fields := make(map[string]any, record.NumAttrs()+len(h.attrs))
	for _, attr := range h.attrs {
		fields[attr.Key] = attr.Value.Resolve().String()
	}
	record.Attrs(func(attr slog.Attr) bool {
		fields[attr.Key] = attr.Value.Resolve().String()
		return true
	})
	switch {
	case record.Level >= slog.LevelError:
		tflog.Error(ctx, record.Message, fields)
	case record.Level >= slog.LevelWarn:
		tflog.Warn(ctx, record.Message, fields)
	case record.Level >= slog.LevelInfo:
		tflog.Info(ctx, record.Message, fields)
	default:
		tflog.Debug(ctx, record.Message, fields)
	}
	return nil
}

func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	h.attrs = append(append([]slog.Attr(nil), h.attrs...), attrs...)
	return h
}

func (h logHandler) WithGroup(string) slog.Handler { return h }
