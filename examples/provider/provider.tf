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
