apiVersion: v1
kind: Secret
metadata:
  name: ${name}
stringData:
  password: ${password}
  token: made-up-tpl-1
