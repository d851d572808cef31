package io.vedette.alert.route;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;

/**
 * A node of the routing tree. An alert goes down to the deepest children that match; the first matching child ends the search among its siblings unless it says to go on.
 *
 * @param path matchers from the root to here, the beginning of every group key below
 * @param groupByAll group by every label ({@code group_by: [...]}): each alert alone
 */
public record Route(
    String path,
    String receiver,
    List<Matcher> matchers,
    List<String> groupBy,
    boolean groupByAll,
    Duration groupWait,
    Duration groupInterval,
    Duration repeatInterval,
    boolean continues,
    List<Route> children) {
  public Route {
    matchers = List.copyOf(matchers);
    groupBy = List.copyOf(groupBy);
    children = List.copyOf(children);
  }

  /** The routes that take an alert with these labels; at least this one. */
  public List<Route> take(Map<String, String> labels) {
    List<Route> takers = new ArrayList<>();
    collect(labels, takers);
    return takers;
  }

  private void collect(Map<String, String> labels, List<Route> takers) {
    int before = takers.size();
    for (Route child : children) {
      if (Matchers.all(child.matchers, labels)) {
        child.collect(labels, takers);
        if (!child.continues) {
          break;
        }
      }
    }
    if (takers.size() == before) {
      takers.add(this);
    }
  }

  public GroupId group(SortedMap<String, String> labels) {
    SortedMap<String, String> grouped = new TreeMap<>();
    if (groupByAll) {
      grouped.putAll(labels);
    } else {
      for (String name : groupBy) {
        String value = labels.get(name);
        if (value != null) {
          grouped.put(name, value);
        }
      }
    }
    StringJoiner text = new StringJoiner(", ", "{", "}");
    grouped.forEach((name, value) -> text.add(name + "=" + Quoted.of(value)));
    return new GroupId(receiver, path + ":" + text, grouped);
  }

  /** This node and everything below. */
  public List<Route> all() {
    List<Route> all = new ArrayList<>();
    all.add(this);
    for (Route child : children) {
      all.addAll(child.all());
    }
    return all;
  }

  /** The path of a child with these matchers. */
  public static String path(String parent, List<Matcher> matchers) {
    StringJoiner text = new StringJoiner(",", "{", "}");
    for (Matcher matcher : matchers) {
      text.add(matcher.toString());
    }
    return parent.isEmpty() ? text.toString() : parent + "/" + text;
  }
}
