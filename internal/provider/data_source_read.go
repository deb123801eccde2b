package provider

import (
	"cmp"
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// dataSourceModel is the model M of a data source. It is read from the
// configuration, fills itself in, and becomes the state.
type dataSourceModel[M any] interface {
	*M
	// subject names what is read, after "Cannot read".
	subject() string
	// answer fills in what Seam says, or tells why it cannot.
	answer(ctx context.Context, data *configured, diags *diag.Diagnostics)
}

// readDataSource is what all data sources do on Read.
func readDataSource[M any, P dataSourceModel[M]](ctx context.Context, w *withSeam, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	if !w.ready(&resp.Diagnostics) {
		return
	}
	model := P(new(M))
	if resp.Diagnostics.Append(req.Config.Get(ctx, model)...); resp.Diagnostics.HasError() {
		return
	}
	// The requests of one read share one retry_timeout. Only the pages of a list have
	// one each: the last of many pages would find a shared one used up.
	ctx = w.seam.client.StartOperation(ctx)
	if err := w.seam.workspace.Verify(ctx); err != nil {
		appendCannotRead(&resp.Diagnostics, w.seam, model.subject(), err)
		return
	}
	if model.answer(ctx, w.seam, &resp.Diagnostics); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, model)...)
}

func appendCannotRead(diags *diag.Diagnostics, data *configured, subject string, err error) {
	diags.AddError("Cannot read "+subject, data.explainOnce(err))
}

// textOrNull is null for what Seam leaves out.
func textOrNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// keepWritten returns the value of the configuration, or what was found if that is
// null. Terraform requires that a configured attribute keeps its value, including case.
func keepWritten(written, found types.String) types.String {
	if written.IsNull() {
		return found
	}
	return written
}

// byAge orders by the time of creation, then by ID, so that a list is the same in every
// plan, whatever order Seam returns.
func byAge(createdA, idA, createdB, idB string) int {
	return cmp.Or(instant(createdA).Compare(instant(createdB)), cmp.Compare(idA, idB))
}

// instant parses an RFC 3339 timestamp. Anything else is the zero time.
func instant(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}
	}
	return t
}
