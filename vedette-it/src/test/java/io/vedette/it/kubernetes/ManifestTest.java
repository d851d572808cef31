package io.vedette.it.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import io.vedette.it.Tools;
import io.vedette.runtime.RuntimeConfig;
import io.vedette.runtime.config.Config;
import io.vedette.store.StoreConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ManifestTest {
  private static final Path K8S = Path.of("..", "k8s");
  private static final Path QUICKSTART = K8S.resolve("overlays").resolve("quickstart");

  static Stream<Path> files() throws IOException {
    try (Stream<Path> tree = Files.walk(K8S)) {
      return tree
          .filter(path -> path.toString().endsWith(".yaml")
              && !path.endsWith("kustomization.yaml")
              && !path.endsWith("vedette.yaml"))
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyManifestHasOnlyFieldsItsTypeHas(Path file) throws IOException {
    List<Manifest> manifests = Manifest.parse(Files.readString(file));
    assertThat(manifests).isNotEmpty();
    assertThat(manifests)
        .allSatisfy(manifest -> assertThat(manifest.unknownFields()).isEmpty());
  }

  @Test
  void aTypoIsFound() throws IOException {
    try (var typo = ManifestTest.class.getResourceAsStream("/kubernetes/typo.yaml")) {
      String yaml =
          new String(java.util.Objects.requireNonNull(typo).readAllBytes(), StandardCharsets.UTF_8);
      assertThat(Manifest.parse(yaml).get(0).unknownFields())
          .containsExactlyInAnyOrder(
              "Deployment.spec.template.spec.containers[0].livenesProbe",
              "Deployment.spec.replica");
    }
  }

  @Test
  void anUnknownTypeIsRefusedByName() {
    assertThatThrownBy(() -> Manifest.parse("apiVersion: v1\nkind: Servise\n"))
        .hasMessageContaining("v1/Servise");
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyDeployedContainerIsConfined(Path file) throws IOException {
    for (Manifest manifest : Manifest.parse(Files.readString(file))) {
      PodSpec pod = pod(manifest.object());
      if (pod != null && pod.getContainers().get(0).getImage().equals("vedette")) {
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        for (Container container : pod.getContainers()) {
          assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
          assertThat(container.getSecurityContext().getAllowPrivilegeEscalation())
              .isFalse();
          assertThat(container.getSecurityContext().getCapabilities().getDrop())
              .containsExactly("ALL");
          if (!(manifest.object() instanceof Job)) {
            assertThat(container.getLivenessProbe().getHttpGet().getPath())
                .isEqualTo("/health/live");
            assertThat(container.getReadinessProbe().getHttpGet().getPath())
                .isEqualTo("/health/ready");
          }
        }
      }
    }
  }

  @Test
  void everyOverlayRendersToKnownFieldsOnly() throws IOException, InterruptedException {
    try (Stream<Path> overlays = Files.list(K8S.resolve("overlays"))) {
      for (Path overlay : overlays.toList()) {
        List<Manifest> manifests = rendered(overlay);
        assertThat(manifests).hasSizeGreaterThan(10);
        assertThat(manifests)
            .allSatisfy(manifest -> assertThat(manifest.unknownFields()).isEmpty());
      }
    }
  }

  /** A pod whose Secret or ConfigMap is nowhere waits for ever: each is rendered, or the README says how to create it. */
  @Test
  void everySecretAndConfigMapAPodNamesIsThereOrCreatedByTheReadme()
      throws IOException, InterruptedException {
    String readme = Files.readString(K8S.resolve("README.md"));
    List<Manifest> manifests = rendered(QUICKSTART);
    Set<String> known = manifests.stream()
        .map(Manifest::object)
        .filter(object -> object instanceof Secret || object instanceof ConfigMap)
        .map(object -> object.getMetadata().getName())
        .collect(Collectors.toSet());
    Set<String> named = new TreeSet<>();
    for (Manifest manifest : manifests) {
      PodSpec pod = pod(manifest.object());
      if (pod != null) {
        named.addAll(needs(pod));
      }
    }
    assertThat(named).contains("vedette-trail");
    assertThat(named).allSatisfy(name -> assertThat(
            known.contains(name) || readme.contains("create secret generic " + name + " "))
        .as(name)
        .isTrue());
  }

  /** The quickstart's bus carries no encryption: that is said where a service reads it, and only the four services reach it. */
  @Test
  void quickstartIsInsecureByDeclarationAndOnlyMembersReachBusAndHazelcast()
      throws IOException, InterruptedException {
    List<Manifest> manifests = rendered(QUICKSTART);
    ConfigMap environment = one(manifests, ConfigMap.class, "vedette-environment");
    assertThat(environment.getData()).containsEntry("VEDETTE_CLUSTER_INSECURE", "true");
    Map<String, String> member = Map.of("vedette.io/cluster-member", "true");

    Set<String> members = new TreeSet<>();
    for (Manifest manifest : manifests) {
      PodTemplateSpec template = template(manifest.object());
      if (template != null
          && template.getMetadata().getLabels().entrySet().containsAll(member.entrySet())) {
        members.add(manifest.object().getMetadata().getName());
        Container container = template.getSpec().getContainers().get(0);
        assertThat(container.getEnvFrom())
            .extracting(from -> from.getConfigMapRef().getName())
            .contains("vedette-environment");
        assertThat(container.getPorts())
            .extracting(ContainerPort::getName)
            .contains("bus", "hazelcast");
      }
    }
    assertThat(members)
        .containsExactly("vedette-alert", "vedette-analyzer", "vedette-collector", "vedette-edge");

    NetworkPolicySpec policy =
        one(manifests, NetworkPolicy.class, "vedette-members").getSpec();
    assertThat(policy.getPolicyTypes()).containsExactly("Ingress");
    assertThat(policy.getPodSelector().getMatchLabels()).isEqualTo(member);
    Set<String> inside = new TreeSet<>();
    for (NetworkPolicyIngressRule rule : policy.getIngress()) {
      assertThat(rule.getPorts()).isNotEmpty(); // without any the rule opens all
      Set<String> ports = rule.getPorts().stream()
          .map(port -> port.getPort().getStrVal())
          .collect(Collectors.toCollection(TreeSet::new));
      if (rule.getFrom().isEmpty()) {
        assertThat(ports).containsExactly("http", "syslog", "syslog-tcp");
        continue;
      }
      assertThat(rule.getFrom()).hasSize(1);
      assertThat(rule.getFrom().get(0).getPodSelector().getMatchLabels()).isEqualTo(member);
      assertThat(rule.getFrom().get(0).getNamespaceSelector()).isNull();
      inside.addAll(ports);
    }
    assertThat(inside).containsExactly("bus", "hazelcast");
  }

  @Test
  void configurationOfTheOverlayIsTakenByEveryService() throws IOException, InterruptedException {
    Map<String, String> environment =
        one(rendered(QUICKSTART), ConfigMap.class, "vedette-environment").getData();
    Config config = Config.load(QUICKSTART.resolve("vedette.yaml"), environment, Map.of());
    assertThat(config.warnings()).isEmpty();
    assertThat(config.get(RuntimeConfig.METRICS_PUBLIC)).isTrue();
    assertThat(config.get(RuntimeConfig.CLUSTER_INSECURE)).isTrue();
    assertThat(config.get(StoreConfig.TRAIL_ORIGIN)).contains("quickstart.vedette.example/trail-1");
  }

  private static <T extends HasMetadata> T one(
      List<Manifest> manifests, Class<T> type, String name) {
    return manifests.stream()
        .map(Manifest::object)
        .filter(type::isInstance)
        .map(type::cast)
        .filter(object -> object.getMetadata().getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static @Nullable PodTemplateSpec template(HasMetadata object) {
    if (object instanceof Deployment deployment) {
      return deployment.getSpec().getTemplate();
    }
    return object instanceof StatefulSet set ? set.getSpec().getTemplate() : null;
  }

  @Test
  void theCollectorSignsWithTheKeyOfTheSecretAndRemembersOutsideTheDatabase() throws IOException {
    PodSpec pod = Objects.requireNonNull(pod(Manifest.parse(
            Files.readString(K8S.resolve("base").resolve("collector").resolve("statefulset.yaml")))
        .get(0)
        .object()));
    Container container = pod.getContainers().get(0);
    Map<String, String> environment = new HashMap<>();
    container.getEnv().forEach(one -> environment.put(one.getName(), one.getValue()));
    Set<String> mounts = container.getVolumeMounts().stream()
        .map(VolumeMount::getMountPath)
        .collect(Collectors.toSet());
    assertThat(environment)
        .containsEntry("VEDETTE_TRAIL_KEY_FILE", "/etc/vedette-trail/trail.key")
        .containsEntry("VEDETTE_TRAIL_SIGNER_STATE_FILE", "/var/lib/vedette/last-checkpoint");
    assertThat(mounts).contains("/etc/vedette-trail", "/var/lib/vedette");
  }

  /** By {@code kubectl kustomize} or {@code kustomize build}. */
  private static List<Manifest> rendered(Path overlay) throws IOException, InterruptedException {
    Path tool = Tools.requireOneOf("kubectl", "kustomize");
    String render = tool.endsWith("kubectl") ? "kustomize" : "build";
    Process process = new ProcessBuilder(tool.toString(), render, overlay.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    String yaml = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    return Manifest.parse(yaml);
  }

  private static @Nullable PodSpec pod(HasMetadata object) {
    if (object instanceof Deployment deployment) {
      return deployment.getSpec().getTemplate().getSpec();
    }
    if (object instanceof StatefulSet set) {
      return set.getSpec().getTemplate().getSpec();
    }
    return object instanceof Job job ? job.getSpec().getTemplate().getSpec() : null;
  }

  private static Set<String> needs(PodSpec pod) {
    Set<String> names = new TreeSet<>();
    for (Container container : pod.getContainers()) {
      container.getEnvFrom().forEach(from -> names.add(from.getConfigMapRef().getName()));
      for (EnvVar one : container.getEnv()) {
        if (one.getValueFrom() != null && one.getValueFrom().getSecretKeyRef() != null) {
          names.add(one.getValueFrom().getSecretKeyRef().getName());
        }
      }
    }
    for (Volume volume : pod.getVolumes()) {
      if (volume.getSecret() != null) {
        names.add(volume.getSecret().getSecretName());
      }
      if (volume.getConfigMap() != null) {
        names.add(volume.getConfigMap().getName());
      }
    }
    return names;
  }
}
