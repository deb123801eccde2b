# All user identities of the workspace.
list "seam_user_identity" "all" {
  provider = seam
  limit    = 10000
}
