#!/bin/sh
cat <<EOM | kubectl apply -f -
apiVersion: v1
kind: Secret
metadata:
  name: inline
stringData:
  password: made-up-heredoc-1
EOM
