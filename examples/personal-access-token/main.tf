# The token is read from the environment variable SEAM_PERSONAL_ACCESS_TOKEN. It can
# reach several workspaces, so workspace_id is required.
provider "seam" {
  workspace_id = "5e1f0a2b-3c4d-4e5f-8a6b-7c8d9e0f1a2b"
}
