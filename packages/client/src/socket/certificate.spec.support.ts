/** A certificate for farcall.test, localhost and 127.0.0.1, signed by itself and good for nothing else; until 2126. */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBrzCCAVWgAwIBAgIUNxgy3/iFNi1qZjQgx9pNDnUNOC0wCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMZmFyY2FsbC50ZXN0MCAXDTI2MTEyMjIwNTIwN1oYDzIxMjYx
MDI5MjA1MjA3WjAXMRUwEwYDVQQDDAxmYXJjYWxsLnRlc3QwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAAQkFGjvFfCQSHks+HxrSxRhT41ZQ6SupYBb6l50TQO/JmyC
1POrF4YtRNiu+OUsMMV0JsWqmo+B7FbooKeNH3jho30wezAdBgNVHQ4EFgQUFS+c
u0xqml/t3ov5hMxifpOk5GgwHwYDVR0jBBgwFoAUFS+cu0xqml/t3ov5hMxifpOk
5GgwDwYDVR0TAQH/BAUwAwEB/zAoBgNVHREEITAfggxmYXJjYWxsLnRlc3SCCWxv
Y2FsaG9zdIcEfwAAATAKBggqhkjOPQQDAgNIADBFAiA9Dtwm4FfBuQNIkcKM4FzJ
FaWxliJkpEDdlBDMkFc3pAIhAOmvsGPEqAompAgM48dfrHQ4sRdsnHoIss+kmfUh
zFGo
-----END CERTIFICATE-----
`;

/** Its key: known to everybody, so trust the certificate nowhere but here. */
export const privateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgYUmeGpyhiaMWpp2s
Glkd+y7WdYF3vzgbXP5nEtVLtaihRANCAAQkFGjvFfCQSHks+HxrSxRhT41ZQ6Su
pYBb6l50TQO/JmyC1POrF4YtRNiu+OUsMMV0JsWqmo+B7FbooKeNH3jh
-----END PRIVATE KEY-----
`;
