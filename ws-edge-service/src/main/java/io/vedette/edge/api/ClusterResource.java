package io.vedette.edge.api;

import io.vedette.edge.protocol.Bodies;
import io.vedette.model.NodeStatus;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;

/** Who is there, what feeds the trail, which rules are in force. */
final class ClusterResource {
  private final EdgeStore store;
  private final Answers answers;

  ClusterResource(EdgeStore store, Answers answers) {
    this.store = store;
    this.answers = answers;
  }

  void sources(RoutingContext ctx) {
    answers.json(ctx, store.sources().map(sources -> new JsonObject().put("sources", sources)));
  }

  void rules(RoutingContext ctx) {
    answers.json(ctx, store.rules());
  }

  void cluster(RoutingContext ctx) {
    store
        .nodes()
        .onSuccess(nodes -> {
          List<byte[]> items = new ArrayList<>();
          for (NodeStatus node : nodes) {
            items.add(Bodies.node(node));
          }
          Answers.send(ctx, Buffer.buffer(Answers.list("nodes", items)));
        })
        .onSuccess(found -> answers.outage().ended())
        .onFailure(failure -> answers.unavailable(ctx, failure));
  }
}
