data "seam_workspace" "current" {
  # Fails the plan if a test pipeline has the key of a workspace with real doors.
  lifecycle {
    postcondition {
      condition     = self.is_sandbox
      error_message = "The workspace ${self.name} is not a sandbox."
    }
  }
}

output "workspace_id" {
  value = data.seam_workspace.current.workspace_id
}
