// Package deploy_test checks what operators copy: that it starts, and keeps what
// its comments promise.
package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/pitcrew-telematics/pitcrew/internal/testserver"
)

func TestComposeIsPinnedAndChecked(t *testing.T) {
	t.Parallel()
	var file struct {
		Services map[string]struct {
			Image       string
			Healthcheck struct{ Test []string }
			DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
			Volumes     []string
		}
		Volumes map[string]any
	}
	if err := yaml.Unmarshal([]byte(read(t, "compose.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"mosquitto", "influxdb", "postgres", "pitcrew"} {
		if _, ok := file.Services[name]; !ok {
			t.Errorf("there is no service %s", name)
		}
	}
	for name, s := range file.Services {
		checkPinned(t, name, s.Image)
		if len(s.Healthcheck.Test) < 2 {
			t.Errorf("service %s has no health check", name)
		}
		for other := range s.DependsOn {
			if _, ok := file.Services[other]; !ok || s.DependsOn[other].Condition != "service_healthy" {
				t.Errorf("service %s does not wait until %s is healthy", name, other)
			}
		}
		for _, v := range s.Volumes {
			source, _, _ := strings.Cut(v, ":")
			if _, ok := file.Volumes[source]; !ok && !strings.HasPrefix(source, "./") {
				t.Errorf("service %s: volume %s is not declared", name, source)
			}
		}
	}
}

// Every secret that compose asks for is in the example.
func TestComposeSecretsAreInTheExample(t *testing.T) {
	t.Parallel()
	example := read(t, "compose.env.example")
	for _, m := range regexp.MustCompile(`\$\{(\w+)[:}]`).FindAllStringSubmatch(read(t, "compose.yaml"), -1) {
		if !strings.Contains(example, "\n"+m[1]+"=") {
			t.Errorf("%s is not in compose.env.example", m[1])
		}
	}
}

func TestDockerfileIsPinned(t *testing.T) {
	t.Parallel()
	for _, m := range regexp.MustCompile(`(?m)^FROM (\S+)|--from=(\S+:\S+)`).FindAllStringSubmatch(read(t, "Dockerfile"), -1) {
		if image := m[1] + m[2]; image != "scratch" {
			checkPinned(t, "Dockerfile", image)
		}
	}
}

var pinned = regexp.MustCompile(`^[\w./-]+:([\w.-]+)$`)

func checkPinned(t *testing.T, where, image string) {
	t.Helper()
	m := pinned.FindStringSubmatch(image)
	if m == nil || m[1] == "latest" || (m[1] != "local" && !strings.Contains(m[1], ".")) {
		t.Errorf("%s: image %q has no exact version", where, image)
	}
}

// The unit is what systemd takes for one, and gives nothing away.
func TestUnit(t *testing.T) {
	t.Parallel()
	unit := read(t, "systemd/pitcrew.service")
	for _, want := range []string{
		"ExecStart=/usr/local/bin/pitcrew serve", "DynamicUser=yes", "StateDirectory=pitcrew", "NoNewPrivileges=yes",
		"ProtectSystem=strict", "Restart=always", "EnvironmentFile=-/etc/pitcrew/pitcrew.env",
	} {
		if !strings.Contains(unit, "\n"+want+"\n") {
			t.Errorf("%s is missing", want)
		}
	}
	analyze := testserver.Find(t, "systemd-analyze")
	self, err := os.Executable() // it wants a program that is there
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "pitcrew.service")
	write(t, path, strings.ReplaceAll(unit, "/usr/local/bin/pitcrew", self))
	if out, err := exec.Command(analyze, "verify", path).CombinedOutput(); err != nil || strings.Contains(string(out), "pitcrew.service") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

// Every setting that is named here and in the documentation is one.
func TestSettingsExist(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the program")
	}
	var out []byte
	for _, command := range [][]string{{"serve"}, {"quarantine", "replay"}, {"vehicle", "erase"}} { // those that the documentation names flags of
		cmd := exec.Command("go", append([]string{"run", "./cmd/pitcrew", "--help"}, command...)...)
		cmd.Dir = ".."
		help, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, help)
		}
		out = append(out, help...)
	}
	known := map[string]bool{}
	flags := map[string]bool{}
	for _, m := range regexp.MustCompile(`\$(PITCREW_\w+)`).FindAllStringSubmatch(string(out), -1) {
		known[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`--([a-z][a-z-]+)`).FindAllStringSubmatch(string(out), -1) {
		flags[m[1]] = true
	}
	if len(known) < 10 {
		t.Fatalf("the help names %d settings:\n%s", len(known), out)
	}
	for _, path := range []string{"systemd/pitcrew.service", "systemd/pitcrew.env", "compose.yaml", "Dockerfile", "../docs/operations.md"} {
		for _, name := range regexp.MustCompile(`PITCREW_[A-Z_]+`).FindAllString(read(t, path), -1) {
			if !known[name] {
				t.Errorf("%s: there is no setting %s", path, name)
			}
		}
	}
	for _, m := range regexp.MustCompile("`(?:pitcrew serve )?--([a-z][a-z-]+)").FindAllStringSubmatch(read(t, "../docs/operations.md"), -1) {
		if !flags[m[1]] {
			t.Errorf("docs/operations.md: there is no flag --%s", m[1])
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
