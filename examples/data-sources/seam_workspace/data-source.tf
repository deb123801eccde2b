data "seam_workspace" "current" {
  # Stops the plan if a pipeline for tests has the key of a real building.
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
