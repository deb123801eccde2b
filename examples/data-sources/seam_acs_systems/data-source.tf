# All access systems of the workspace.
data "seam_acs_systems" "all" {}

output "access_systems" {
  value = {
    for system in data.seam_acs_systems.all.acs_systems :
    system.acs_system_id => "${system.name} (${system.external_type_display_name})"
  }
}
