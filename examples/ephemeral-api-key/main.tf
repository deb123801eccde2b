# Requires Terraform 1.10 or later, or OpenTofu 1.11 or later. An ephemeral value is
# neither in state nor in a saved plan.
variable "seam_api_key" {
  description = "API key of the Seam workspace."
  type        = string
  sensitive   = true
  ephemeral   = true
}

provider "seam" {
  api_key = var.seam_api_key
}
