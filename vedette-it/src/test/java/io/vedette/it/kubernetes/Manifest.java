package io.vedette.it.kubernetes;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * One YAML document read as the Kubernetes type it says it is. The models keep fields they do not know in {@code additionalProperties} instead of refusing them, so {@link #unknownFields}
 * walks the objects and names each.
 */
record Manifest(HasMetadata object) {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private static final Map<String, Class<? extends HasMetadata>> TYPES = Map.ofEntries(
      Map.entry("v1/ConfigMap", ConfigMap.class),
      Map.entry("v1/Namespace", Namespace.class),
      Map.entry("v1/Secret", Secret.class),
      Map.entry("v1/Service", Service.class),
      Map.entry("v1/ServiceAccount", ServiceAccount.class),
      Map.entry("apps/v1/Deployment", Deployment.class),
      Map.entry("apps/v1/StatefulSet", StatefulSet.class),
      Map.entry("batch/v1/Job", Job.class),
      Map.entry("autoscaling/v2/HorizontalPodAutoscaler", HorizontalPodAutoscaler.class),
      Map.entry("networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class),
      Map.entry("policy/v1/PodDisruptionBudget", PodDisruptionBudget.class));

  /** Every document of a file; a kustomization file is no manifest and is left out. */
  static List<Manifest> parse(String yaml) {
    List<Manifest> manifests = new ArrayList<>();
    for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(yaml)) {
      if (!(document instanceof Map<?, ?> map)) {
        throw new IllegalArgumentException("found " + document + " (expected: a mapping)");
      }
      String type = map.get("apiVersion") + "/" + map.get("kind");
      if (type.startsWith("kustomize.config.k8s.io/")) {
        continue;
      }
      Class<? extends HasMetadata> model = TYPES.get(type);
      if (model == null) {
        throw new IllegalArgumentException(
            "type " + type + " (expected: one of " + TYPES.keySet() + ")");
      }
      manifests.add(new Manifest(MAPPER.convertValue(map, model)));
    }
    return manifests;
  }

  /** Paths of all fields that the Kubernetes type does not have. */
  List<String> unknownFields() {
    List<String> unknown = new ArrayList<>();
    walk(object.getKind(), object, unknown);
    return unknown;
  }

  private static void walk(String path, Object value, List<String> unknown) {
    if (value instanceof Collection<?> items) {
      int i = 0;
      for (Object item : items) {
        walk(path + "[" + i++ + "]", item, unknown);
      }
    } else if (value instanceof Map<?, ?> map) {
      map.forEach((key, item) -> walk(path + "." + key, item, unknown));
    } else if (value != null
        && value.getClass().getName().startsWith("io.fabric8.kubernetes.api.model")) {
      for (Method getter : value.getClass().getMethods()) {
        if (getter.getParameterCount() != 0
            || !getter.getName().startsWith("get")
            || IGNORED.contains(getter.getName())) {
          continue;
        }
        Object child = call(getter, value);
        String name = getter.getName().substring(3);
        if (name.equals("AdditionalProperties")) {
          ((Map<?, ?>) child).keySet().forEach(key -> unknown.add(path + "." + key));
        } else if (child != null) {
          walk(
              path + "." + Character.toLowerCase(name.charAt(0)) + name.substring(1),
              child,
              unknown);
        }
      }
    }
  }

  private static final Set<String> IGNORED = Set.of("getClass", "getDeclaringClass");

  private static Object call(Method getter, Object target) {
    try {
      return getter.invoke(target);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("cannot call " + getter, e);
    }
  }
}
