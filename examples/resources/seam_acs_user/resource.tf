data "seam_acs_system" "headquarters" {
  name = "Salto HQ"
}

# Jane's record in the access system.
resource "seam_acs_user" "jane" {
  acs_system_id = data.seam_acs_system.headquarters.acs_system_id
  full_name     = "Jane Doe"
  email_address = "jane@example.com"

  # Deleting the record deletes its credentials.
  lifecycle {
    prevent_destroy = true
  }
}

# A guest with access for one week.
resource "seam_acs_user" "guest" {
  acs_system_id = data.seam_acs_system.headquarters.acs_system_id
  full_name     = "Sam Guest"

  access_schedule = {
    starts_at = "2099-05-01T08:00:00Z"
    ends_at   = "2099-05-07T18:00:00Z"
  }
}
