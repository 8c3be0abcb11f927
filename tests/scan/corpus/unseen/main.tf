resource "kubernetes_secret_v1" "deploy" {
  metadata {
    name = "deploy"
  }
  data = {
    known_hosts = file("${path.module}/known_hosts")
    identity = <<-EOT
    -----BEGIN OPENSSH PRIVATE KEY-----
    bWFkZSB1cCwgYW5kIG5vIGtleSBhdCBhbGwuIG1hZGUgdXAsIGFuZCBubyBrZXkgYXQg
    YWxsLiBtYWRlIHVwLCBhbmQgbm8ga2V5IGF0IGFsbC4gbWFkZSB1cCwgYW5kIG5vIGtl
    eSBhdCBhbGwuIG1hZGUgdXAsIGFuZCBubyBrZXkgYXQgYWxsLiA=
    -----END OPENSSH PRIVATE KEY-----
    EOT
  }
}
