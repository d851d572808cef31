// Accept judges a log with code that is not Vedette's: golang.org/x/mod/sumdb, which verifies Go's own checksum database.
//
//	accept log    VKEY LOG [TOKEN]       the whole log below a folder or URL: checkpoint, tiles, entry bundles
//	accept record VKEY PROOF RECORD      one record by its .tlog-proof
//
// Exit code 0: accepted; 1: not, and the last line says why.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

// Tiles as C2SP tlog-tiles names them, which fixes the height and calls data entries.
type tiles struct {
	base, token string
}

func (t tiles) read(path string) ([]byte, error) {
	if !strings.HasPrefix(t.base, "http") {
		return os.ReadFile(filepath.Join(t.base, filepath.FromSlash(path)))
	}
	request, err := http.NewRequest("GET", t.base+"/"+path, nil)
	if err != nil {
		return nil, err
	}
	if t.token != "" {
		request.Header.Set("Authorization", "Bearer "+t.token)
	}
	response, err := (&http.Client{Timeout: 30 * time.Second}).Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != 200 {
		return nil, fmt.Errorf("%s: %s", path, response.Status)
	}
	return io.ReadAll(io.LimitReader(response.Body, 32<<20))
}

func path(tile tlog.Tile) string {
	name := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
	return "tile/" + strings.Replace(name, "data/", "entries/", 1)
}

func (t tiles) Height() int                     { return height }
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		data, err := t.read(path(tile))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func checkpoint(signed []byte, vkey string) (tree tlog.Tree, err error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tree, fmt.Errorf("a checkpoint of %q (expected: of %s)", lines[0], verifier.Name())
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

func entries(bundle []byte, count int) (list [][]byte, err error) {
	for len(bundle) > 0 {
		if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
			return nil, fmt.Errorf("an entry bundle that is cut off")
		}
		end := 2 + int(binary.BigEndian.Uint16(bundle))
		list = append(list, bundle[2:end])
		bundle = bundle[end:]
	}
	if len(list) != count {
		return nil, fmt.Errorf("%d entries in a bundle (expected: %d)", len(list), count)
	}
	return list, nil
}

func log(vkey string, from tiles) error {
	signed, err := from.read("checkpoint")
	if err != nil {
		return err
	}
	tree, err := checkpoint(signed, vkey)
	if err != nil {
		return err
	}
	hashes := tlog.TileHashReader(tree, from) // leads every tile up to the root
	for first := int64(0); first < tree.N; first += 1 << height {
		count := int(tree.N - first)
		if count > 1<<height {
			count = 1 << height
		}
		bundle, err := from.read(path(tlog.Tile{H: height, L: -1, N: first >> height, W: count}))
		if err != nil {
			return err
		}
		list, err := entries(bundle, count)
		if err != nil {
			return err
		}
		var indices []int64
		for i := range list {
			indices = append(indices, tlog.StoredHashIndex(0, first+int64(i)))
		}
		leaves, err := hashes.ReadHashes(indices)
		if err != nil {
			return err
		}
		for i, entry := range list {
			if leaves[i] != tlog.RecordHash(entry) {
				return fmt.Errorf("entry %d is not the one in the tree", first+int64(i))
			}
		}
	}
	fmt.Printf("accepted: %d entries\n", tree.N)
	return nil
}

func record(vkey, proofFile, recordFile string) error {
	proof, err := os.ReadFile(proofFile)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(recordFile)
	if err != nil {
		return err
	}
	head, signed, found := bytes.Cut(proof, []byte("\n\n"))
	if !found {
		return fmt.Errorf("no proof file")
	}
	lines := strings.Split(string(head), "\n")
	if len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" ||
		!strings.HasPrefix(lines[1], "extra ") || !strings.HasPrefix(lines[2], "index ") {
		return fmt.Errorf("no proof file of a record")
	}
	salt, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	if err != nil {
		return err
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	if err != nil {
		return err
	}
	var hashes tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		hashes = append(hashes, hash)
	}
	tree, err := checkpoint(signed, vkey)
	if err != nil {
		return err
	}
	committed := sha256.Sum256(append(salt, content...))
	entry := append([]byte{1}, committed[:]...)
	if err := tlog.CheckRecord(hashes, tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		return err
	}
	fmt.Printf("accepted: record %d of %d\n", index, tree.N)
	return nil
}

func main() {
	args := append(os.Args, "", "")
	var err error
	switch {
	case len(os.Args) >= 4 && args[1] == "log":
		err = log(args[2], tiles{args[3], args[4]})
	case len(os.Args) == 5 && args[1] == "record":
		err = record(args[2], args[3], args[4])
	default:
		err = fmt.Errorf("accept log VKEY LOG [TOKEN] | accept record VKEY PROOF RECORD")
	}
	if err != nil {
		fmt.Println("not accepted:", err)
		os.Exit(1)
	}
}
