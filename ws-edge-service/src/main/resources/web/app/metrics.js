/** What the names of metrics mean: unit, title, and which card shows them. Names it has never heard of are understood by their endings. */

const WORDS = { cpu: 'CPU', io: 'I/O', usd: 'USD', jvm: 'JVM', gc: 'GC', tcp: 'TCP', udp: 'UDP', http: 'HTTP', avail: 'available' };

/** Unit by the last words of a name, in Prometheus' manner. `rate`: a counter, to be shown as its rate. */
export function meaning(name) {
  if (/_bytes_per_second$/.test(name)) return { unit: 'bytes/s', rate: false };
  if (/_per_second$/.test(name)) return { unit: 'per second', rate: false };
  if (/_ratio$/.test(name)) return { unit: 'ratio', rate: false };
  if (/_bytes_total$/.test(name)) return { unit: 'bytes/s', rate: true };
  if (/_seconds_total$/.test(name)) return { unit: 'ratio', rate: true };
  if (/_total$/.test(name) && !/_total_/.test(name)) return { unit: 'per second', rate: true };
  if (/_bytes$/.test(name)) return { unit: 'bytes', rate: false };
  if (/_seconds$/.test(name)) return { unit: 'seconds', rate: false };
  if (/_load\d+$/.test(name)) return { unit: 'load', rate: false };
  return { unit: '', rate: false };
}

export function title(name) {
  const words = name
    .replace(/^host_/, '')
    .replace(/_(bytes_per_second|bytes_total|bytes|ratio|total|seconds|per_second)$/, '')
    .split('_')
    .map((word) => WORDS[word] ?? word);
  const text = words.join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Labels as a short text, without those that every series has. */
export function caption(labels, without = ['host', '__name__']) {
  const shown = Object.entries(labels).filter(([name]) => !without.includes(name));
  return shown.length === 1 ? shown[0][1] : shown.map(([name, value]) => name + '=' + value).join(' ');
}

const known = new Set([
  'host_cpu_utilisation_ratio',
  'host_load1', 'host_load5', 'host_load15',
  'host_memory_total_bytes', 'host_memory_available_bytes', 'host_memory_used_ratio',
  'host_swap_total_bytes', 'host_swap_used_bytes', 'host_swap_used_ratio',
  'host_filesystem_size_bytes', 'host_filesystem_avail_bytes', 'host_filesystem_used_ratio',
  'host_disk_read_bytes_total', 'host_disk_written_bytes_total', 'host_disk_read_bytes_per_second', 'host_disk_written_bytes_per_second',
  'host_network_receive_bytes_total', 'host_network_transmit_bytes_total', 'host_network_receive_bytes_per_second', 'host_network_transmit_bytes_per_second',
]);

/** Whether one of the large cards shows it; the others become small multiples. */
export function hasCard(name) {
  return known.has(name);
}
