// Opens a SealedSecret as the sealed-secrets controller does, with the project's own code, and prints the Secret that the
// controller would make.
//
//	unseal KEY.pem < manifest
package main

import (
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/bitnami-labs/sealed-secrets/pkg/apis/sealedsecrets/v1alpha1"
	"github.com/bitnami-labs/sealed-secrets/pkg/crypto"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/util/keyutil"
	"sigs.k8s.io/yaml"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: unseal KEY.pem < manifest")
		os.Exit(2)
	}
	if err := unseal(os.Args[1], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func unseal(keyFile string, in io.Reader, out io.Writer) error {
	text, err := os.ReadFile(keyFile)
	if err != nil {
		return err
	}
	parsed, err := keyutil.ParsePrivateKeyPEM(text)
	if err != nil {
		return err
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return errors.New("not an RSA key")
	}
	fingerprint, err := crypto.PublicKeyFingerprint(&key.PublicKey)
	if err != nil {
		return err
	}
	manifest, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	var sealed v1alpha1.SealedSecret
	// An unknown field is a mistake that the API server would drop silently.
	if err := yaml.UnmarshalStrict(manifest, &sealed); err != nil {
		return err
	}
	codecs := serializer.NewCodecFactory(runtime.NewScheme())
	secret, err := sealed.Unseal(codecs, map[string]*rsa.PrivateKey{fingerprint: key})
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(secret)
}
