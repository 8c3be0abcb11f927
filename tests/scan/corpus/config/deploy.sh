#!/bin/sh
# Makes the Secret from a file that is not in Git.
kubectl create secret generic db --from-file=password=./password.txt
cat <<EOM | kubectl apply -f -
apiVersion: v1
kind: Secret
metadata:
  name: inline
stringData:
  password: $DB_PASSWORD
EOM
