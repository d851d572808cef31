package io.vedette.benchmarks.edge;

import java.nio.file.Path;
import java.util.List;

/**
 * What all servers of a run have in common.
 *
 * @param peers folder of the small servers of this module
 * @param scratch where npm packages and nginx' files go; never committed
 * @param settings {@code key=value} for the edge
 * @param javaOptions further JVM options for the edge, for example a flight recording
 */
record Setup(
    int serverCore,
    int loadCore,
    Path peers,
    Path scratch,
    Path nchanModule,
    List<String> settings,
    List<String> javaOptions) {}
