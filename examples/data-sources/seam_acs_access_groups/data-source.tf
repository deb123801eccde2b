# Every access group of an access system.
data "seam_acs_system" "headquarters" {
  name = "Salto HQ"
}

data "seam_acs_access_groups" "headquarters" {
  acs_system_id = data.seam_acs_system.headquarters.acs_system_id
}

# The access groups that a person is in.
data "seam_acs_access_groups" "of_jane" {
  acs_user_id = "3c6d9e2f-5a7b-4c1d-8e9f-2a3b4c5d6e7f"
}

output "groups_of_jane" {
  value = data.seam_acs_access_groups.of_jane.acs_access_groups[*].name
}
