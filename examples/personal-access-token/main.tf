# The token comes from the environment variable SEAM_PERSONAL_ACCESS_TOKEN. It can
# reach several workspaces, so the provider has to be told which one to use.
provider "seam" {
  workspace_id = "5e1f0a2b-3c4d-4e5f-8a6b-7c8d9e0f1a2b"
}
