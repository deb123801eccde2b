package provider

import (
	"context"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
)

// stream is what all list resources do: read the configuration into model, check the
// workspace, and push results until the limit, which nothing else enforces. An error ends
// the stream as a result of its own: an empty list would read as if there were nothing.
func (w *withSeam) stream(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream, model any, cannot string,
	results func(ctx context.Context, diags *diag.Diagnostics) iter.Seq2[list.ListResult, error],
) {
	var diags diag.Diagnostics
	if w.ready(&diags) {
		diags.Append(req.Config.Get(ctx, model)...)
	}
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	fail := func(push func(list.ListResult) bool, err error) {
		var diags diag.Diagnostics
		diags.AddError(cannot, w.seam.explainOnce(err))
		push(list.ListResult{Diagnostics: diags})
	}
	stream.Results = func(push func(list.ListResult) bool) {
		if err := w.seam.workspace.Verify(w.seam.client.StartOperation(ctx)); err != nil {
			fail(push, err)
			return
		}
		var diags diag.Diagnostics
		found := results(ctx, &diags)
		if diags.HasError() {
			push(list.ListResult{Diagnostics: diags})
			return
		}
		pushed := int64(0)
		for result, err := range found {
			if err != nil {
				fail(push, err)
				return
			}
			if !push(result) {
				return
			}
			if pushed++; pushed == req.Limit { // 0 is no limit
				return
			}
		}
	}
}

// results makes results of objects, without those to leave out.
func results[T any](objects iter.Seq2[T, error], leaveOut func(T) bool, result func(T) list.ListResult) iter.Seq2[list.ListResult, error] {
	return func(yield func(list.ListResult, error) bool) {
		for object, err := range objects {
			switch {
			case err != nil:
				yield(list.ListResult{}, err)
				return
			case leaveOut(object):
			case !yield(result(object), nil):
				return
			}
		}
	}
}
