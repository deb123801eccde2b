terraform {
  required_providers {
    seam = {
      source  = "seamapi/seam"
      version = "~> 0.1"
    }
  }
}

# The API key is read from the environment variable SEAM_API_KEY.
provider "seam" {}

# Jane's account in your app.
data "seam_user_identity" "jane" {
  email_address = "jane@example.com"
}

# The access system, and Jane's record in it.
data "seam_acs_system" "garage" {
  name = "Visionline Garage"
}

data "seam_acs_user" "jane" {
  acs_system_id = data.seam_acs_system.garage.acs_system_id
  email_address = "jane@example.com"
}

# The link grants Jane's account the credentials of that record.
resource "seam_user_identity_acs_user" "jane" {
  user_identity_id = data.seam_user_identity.jane.user_identity_id
  acs_user_id      = data.seam_acs_user.jane.acs_user_id
}
