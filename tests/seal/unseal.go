// Opens what `seal` writes, with other people's code: SealedSecrets with the sealed-secrets project's own, as its controller
// does, and age files with the age project's own.
//
//	unseal KEY.pem < manifest              prints the Secret that the controller would make
//	unseal rotate KEY.pem… < manifest      seals anew for the first of the keys, as the controller's /v1/rotate does
//	unseal age KEYFILE < file              prints what is in an armored age file
//	unseal age-keygen                      prints a key file
package main

import (
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/bitnami-labs/sealed-secrets/pkg/apis/sealedsecrets/v1alpha1"
	"github.com/bitnami-labs/sealed-secrets/pkg/crypto"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/util/keyutil"
	"sigs.k8s.io/yaml"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) > 1 && args[0] == "rotate":
		return rotate(args[1:], os.Stdin, os.Stdout)
	case len(args) == 2 && args[0] == "age":
		return openAge(args[1], os.Stdin, os.Stdout)
	case len(args) == 1 && args[0] == "age-keygen":
		identity, err := age.GenerateX25519Identity()
		if err == nil {
			fmt.Printf("# public key: %s\n%s\n", identity.Recipient(), identity)
		}
		return err
	case len(args) == 1:
		return unseal(args[0], os.Stdin, os.Stdout)
	}
	fmt.Fprintln(os.Stderr, "usage: unseal KEY.pem | rotate KEY.pem… | age KEYFILE | age-keygen")
	os.Exit(2)
	return nil
}

func readKey(file string) (string, *rsa.PrivateKey, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", nil, err
	}
	parsed, err := keyutil.ParsePrivateKeyPEM(text)
	if err != nil {
		return "", nil, err
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return "", nil, errors.New("not an RSA key")
	}
	fingerprint, err := crypto.PublicKeyFingerprint(&key.PublicKey)
	return fingerprint, key, err
}

func codecs() serializer.CodecFactory {
	scheme := runtime.NewScheme()
	if err := v1.AddToScheme(scheme); err != nil {
		panic(err)
	}
	return serializer.NewCodecFactory(scheme)
}

func open(files []string, in io.Reader) (*v1.Secret, []*rsa.PrivateKey, error) {
	keys := map[string]*rsa.PrivateKey{}
	var all []*rsa.PrivateKey
	for _, file := range files {
		fingerprint, key, err := readKey(file)
		if err != nil {
			return nil, nil, err
		}
		keys[fingerprint] = key
		all = append(all, key)
	}
	manifest, err := io.ReadAll(in)
	if err != nil {
		return nil, nil, err
	}
	var sealed v1alpha1.SealedSecret
	// An unknown field is a mistake that the API server would drop silently.
	if err := yaml.UnmarshalStrict(manifest, &sealed); err != nil {
		return nil, nil, err
	}
	secret, err := sealed.Unseal(codecs(), keys)
	return secret, all, err
}

func unseal(keyFile string, in io.Reader, out io.Writer) error {
	secret, _, err := open([]string{keyFile}, in)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(secret)
}

// The words of Controller.Rotate (pkg/controller/controller.go), which is not to be had without a cluster's client.
func rotate(keyFiles []string, in io.Reader, out io.Writer) error {
	secret, keys, err := open(keyFiles, in)
	if err != nil {
		return err
	}
	sealed, err := v1alpha1.NewSealedSecret(codecs(), &keys[0].PublicKey, secret)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(sealed)
}

func openAge(keyFile string, in io.Reader, out io.Writer) error {
	file, err := os.Open(keyFile)
	if err != nil {
		return err
	}
	defer file.Close()
	identities, err := age.ParseIdentities(file)
	if err != nil {
		return err
	}
	opened, err := age.Decrypt(armor.NewReader(in), identities...)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, opened)
	return err
}
