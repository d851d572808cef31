package io.vedette.edge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelOutboundHandler;
import io.netty.channel.ChannelPromise;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.AbstractEpollStreamChannel;
import io.netty.channel.unix.Socket;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.websocketx.WebSocketFrameEncoder;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionData;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionFilterProvider;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtension;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtensionHandler;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketServerExtensionHandshaker;
import io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateServerExtensionHandshaker;
import io.netty.util.ReferenceCountUtil;
import io.vedette.edge.protocol.CloseCode;
import io.vedette.edge.protocol.Frame;
import io.vedette.edge.protocol.ServerFrames;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * The one place that reaches below Vert.x' public API: makes a publication's WebSocket frames once, compresses them once, and writes the same bytes to any number of channels. {@link FrameTrial} tries it at
 * start against a real socket and falls back to the public API when a newer Vert.x behaves differently.
 */
final class SharedFrames {
  /** Name that Vert.x gives the last handler of its pipelines, before and after the upgrade. */
  private static final String HANDLER = "handler";

  private static final String VERTX_EXTENSIONS = "webSocketExtensionHandler";
  private static final String EXTENSIONS = "vedetteExtensions";
  private static final String SINK = "vedetteSink";
  private static final String DEFLATE_ENCODER = "PerMessageDeflateEncoder";

  /** What makes frames of messages; ours are made, so they go out beside it, through what stands between it and the socket (TLS). */
  private static final Class<WebSocketFrameEncoder> ENCODER = WebSocketFrameEncoder.class;

  /** Below this a compressed message is hardly smaller, and it always costs. */
  private static final int MIN_DEFLATE = 200;

  private static final int TEXT = 0x81;
  private static final int TEXT_DEFLATED = 0xC1;

  private final int maxInflatedBytes;
  private final boolean compress;
  private final Written written;
  private final int level;
  private final Function<Frame, Frame.Wire> maker = Forms::new;
  private final LongAdder deflations = new LongAdder();
  private final Queue<Deflater> deflaters = new ConcurrentLinkedQueue<>();

  /** Unpooled and direct: epoll would copy a heap buffer once per connection, and Vert.x copies pooled ones. Of our own, so that it can be told what is held. */
  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);

  /** Told of each write to a socket: bytes of its messages, and of its frames. */
  interface Written {
    void wrote(long plainBytes, long wireBytes);
  }

  SharedFrames(boolean compress, int level, int maxInflatedBytes, Written written) {
    this.compress = compress;
    this.maxInflatedBytes = maxInflatedBytes;
    this.written = written;
    this.level = level;
  }

  /** What a server must be opened with for {@link #offerCompression}. */
  HttpServerOptions prepared(HttpServerOptions options) {
    return options
        .setPerMessageWebSocketCompressionSupported(compress)
        .setPerFrameWebSocketCompressionSupported(false);
  }

  /** The channel of a request, to be taken before it is upgraded. */
  static Channel channel(HttpServerRequest request) {
    return ((HttpServerConnection) request.connection()).channelHandlerContext().channel();
  }

  /**
   * Offers permessage-deflate without context takeover for the upgrade that follows: compressed bytes can then be shared, a connection needs no deflater, and what a client sends inflates to a bounded
   * size.
   */
  void offerCompression(HttpServerRequest request) {
    Channel channel = channel(request);
    String offered = request.getHeader("Sec-WebSocket-Extensions");
    if (!compress || offered == null) {
      return;
    }
    HttpRequest upgrade = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
    upgrade.headers().set("Upgrade", "websocket");
    upgrade.headers().set("Connection", "Upgrade");
    upgrade.headers().set("Sec-WebSocket-Extensions", offered);
    // Vert.x has its own negotiation in the pipeline (without it, its decoder refuses compressed
    // frames): ours takes its place.
    if (channel.pipeline().context(VERTX_EXTENSIONS) != null) {
      channel.pipeline().remove(VERTX_EXTENSIONS);
    }
    // Netty's handler passes on what it is told about; the connection has seen its request already.
    Sink sink = new Sink();
    channel
        .pipeline()
        .addBefore(HANDLER, SINK, sink)
        .addBefore(SINK, EXTENSIONS, new PrimedExtensions(upgrade, maxInflatedBytes))
        .remove(sink);
  }

  private static final class Sink extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
    }
  }

  /** Ends the upgraded request's socket properly, through {@code broken}, when its client breaks the protocol. */
  void guard(Channel channel, BiConsumer<CloseCode, String> broken) {
    FrameGuard.install(channel.pipeline(), HANDLER, deflates(channel), broken);
  }

  private static boolean deflates(Channel channel) {
    return channel.pipeline().names().stream().anyMatch(name -> name.contains(DEFLATE_ENCODER));
  }

  /**
   * How to write to the channel of an upgraded request. {@code sockjs} frames messages as SockJS does. What Vert.x writes itself, pongs above all, goes to the same queue as long as that holds less than
   * {@code queueBytes}; else it would wait in a queue of its own that nobody counts.
   */
  Writer writer(Channel channel, boolean sockjs, long queueBytes) {
    int mark = (int) Math.min(queueBytes, Integer.MAX_VALUE / 2);
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(mark, 2 * mark));
    ChannelHandlerContext last = channel.pipeline().context(HANDLER);
    if (last == null) {
      throw new IllegalStateException(
          "pipeline has no " + HANDLER + " (found: " + channel.pipeline().names() + ")");
    }
    ChannelHandlerContext encoder = channel.pipeline().context(ENCODER);
    return new Writer(
        encoder == null ? last : encoder, (sockjs ? 2 : 0) + (deflates(channel) ? 1 : 0));
  }

  /** Bytes of frames that some socket has not taken yet, each frame counted once. */
  long heldBytes() {
    return allocator.metric().usedDirectMemory();
  }

  /** Messages compressed, ever: each once for all its sessions. */
  long deflations() {
    return deflations.sum();
  }

  boolean compresses() {
    return compress;
  }

  void close() {
    for (Deflater idle = deflaters.poll(); idle != null; idle = deflaters.poll()) {
      idle.end();
    }
  }

  /** Writes shared frames to one channel; on its event loop only. What fails closes the channel, and the session hears of that. */
  @SuppressWarnings("FutureReturnValueIgnored")
  final class Writer {
    private final ChannelHandlerContext context;
    private final Channel.Unsafe unsafe;
    private final @Nullable Socket socket;
    private final int form;

    private Writer(ChannelHandlerContext context, int form) {
      this.context = context;
      this.unsafe = context.channel().unsafe();
      this.socket = bare(context);
      this.form = form;
    }

    boolean deflated() {
      return (form & 1) == 1;
    }

    void write(Frame frame) {
      if (context.channel().isActive()) {
        context.write(bytes(frame), context.voidPromise());
      }
    }

    /** Where nothing waits, straight into the operating system: an entry in the channel's queue and a promise would cost as much as all else of this that is not the system's. */
    void writeAndFlush(Frame frame) {
      if (!context.channel().isActive()) {
        return;
      }
      ByteBuf bytes = forms(frame).whole(form);
      int length = bytes.readableBytes();
      written.wrote(frame.length(), length);
      int taken = taken(bytes, length);
      if (taken < length) {
        context.writeAndFlush(
            bytes.retainedSlice(bytes.readerIndex() + taken, length - taken),
            context.voidPromise());
      }
    }

    /** No queue means that the channel closes: its descriptor may be another's soon. */
    private int taken(ByteBuf bytes, int length) {
      ChannelOutboundBuffer queue = unsafe.outboundBuffer();
      if (socket == null
          || queue == null
          || queue.totalPendingWriteBytes() > 0
          || !bytes.hasMemoryAddress()) {
        return 0;
      }
      try {
        int from = bytes.readerIndex();
        return Math.max(0, socket.sendAddress(bytes.memoryAddress(), from, from + length));
      } catch (IOException broken) {
        return 0; // the channel's own write meets it as well, and closes the channel
      }
    }

    /** {@code sent} runs on the loop, never before this call returned. */
    void write(Frame frame, Runnable sent) {
      ChannelPromise left = context.newPromise();
      left.addListener(done -> context.executor().execute(sent));
      context.writeAndFlush(bytes(frame), left);
    }

    void flush() {
      context.flush();
    }

    long pendingBytes() {
      ChannelOutboundBuffer queue = unsafe.outboundBuffer();
      return queue == null ? 0 : queue.totalPendingWriteBytes();
    }

    /** At once: closing the whole channel would ask Vert.x' handler first, which waits for the peer's close frame. */
    void cut() {
      context.close();
    }

    private ByteBuf bytes(Frame frame) {
      ByteBuf bytes = forms(frame).get(form);
      written.wrote(frame.length(), bytes.readableBytes());
      return bytes;
    }
  }

  /** The socket below the channel, where it is a native one and what leaves {@code encoder} goes there as it is (no TLS, nothing else that would have to see it). */
  private static @Nullable Socket bare(ChannelHandlerContext encoder) {
    for (Map.Entry<String, ChannelHandler> handler : encoder.pipeline()) {
      if (handler.getKey().equals(encoder.name())) {
        // Not any native one: descriptors of io_uring's channels block.
        return encoder.channel() instanceof AbstractEpollStreamChannel channel
                && channel.fd() instanceof Socket socket
            ? socket
            : null;
      }
      if (handler.getValue() instanceof ChannelOutboundHandler) {
        return null;
      }
    }
    return null;
  }

  private Forms forms(Frame frame) {
    return (Forms) frame.wire(maker);
  }

  /** The forms of one frame: plain and deflated, raw and as SockJS; each made at first use. Who asks holds the frame, so that none is freed meanwhile. */
  private final class Forms implements Frame.Wire {
    private final Frame frame;
    private final AtomicReferenceArray<@Nullable ByteBuf> made = new AtomicReferenceArray<>(4);

    Forms(Frame frame) {
      this.frame = frame;
    }

    /** A retained duplicate, for one channel to release. */
    ByteBuf get(int form) {
      return whole(form).retainedDuplicate();
    }

    /** Valid as long as the frame is; nobody moves its indices. */
    ByteBuf whole(int form) {
      ByteBuf bytes = made.get(form);
      return bytes == null ? first(form) : bytes;
    }

    private synchronized ByteBuf first(int form) {
      ByteBuf bytes = made.get(form);
      if (bytes == null) {
        bytes = frame.parts().isEmpty() ? make(frame.messages(), form) : join(frame.parts(), form);
        made.set(form, bytes);
      }
      return bytes;
    }

    @Override
    public synchronized void free() {
      for (int form = 0; form < made.length(); form++) {
        ByteBuf bytes = made.getAndSet(form, null);
        if (bytes != null) {
          bytes.release();
        }
      }
    }
  }

  /** One buffer, so one entry of each socket's queue and one write, of frames whose bytes are made and compressed already. */
  private ByteBuf join(List<Frame> parts, int form) {
    ByteBuf[] made = new ByteBuf[parts.size()];
    int size = 0;
    for (int i = 0; i < made.length; i++) {
      made[i] = forms(parts.get(i)).get(form);
      size += made[i].readableBytes();
    }
    ByteBuf out = allocator.directBuffer(size);
    for (ByteBuf bytes : made) {
      out.writeBytes(bytes);
      bytes.release();
    }
    return out;
  }

  private ByteBuf make(List<byte[]> plain, int form) {
    List<byte[]> messages = (form & 2) == 2 ? List.of(sockjs(plain)) : plain;
    boolean deflate = (form & 1) == 1;
    int size = 0;
    for (byte[] message : messages) {
      size += message.length + 10;
    }
    ByteBuf out = allocator.directBuffer(size);
    for (byte[] message : messages) {
      if (deflate && message.length >= MIN_DEFLATE) {
        byte[] small = deflate(message);
        frame(out, TEXT_DEFLATED, small, small.length);
      } else {
        frame(out, TEXT, message, message.length);
      }
    }
    return out;
  }

  private static void frame(ByteBuf out, int head, byte[] payload, int length) {
    out.writeByte(head);
    if (length < 126) {
      out.writeByte(length);
    } else if (length < 65_536) {
      out.writeByte(126).writeShort(length);
    } else {
      out.writeByte(127).writeLong(length);
    }
    out.writeBytes(payload, 0, length);
  }

  /** RFC 7692, section 7.2.1: a sync flush, without its last four bytes. */
  private byte[] deflate(byte[] message) {
    deflations.increment();
    Deflater known = deflaters.poll();
    Deflater deflater = known == null ? new Deflater(level, true) : known;
    deflater.reset();
    deflater.setInput(message);
    byte[] out = new byte[message.length + 64];
    int length = 0;
    while (true) {
      length += deflater.deflate(out, length, out.length - length, Deflater.SYNC_FLUSH);
      if (length < out.length) {
        deflaters.add(deflater); // as many as loops that compress at the same time
        return java.util.Arrays.copyOf(out, length - 4);
      }
      out = java.util.Arrays.copyOf(out, out.length * 2);
    }
  }

  /** SockJS puts messages as strings into a JSON array behind the letter a. */
  static byte[] sockjs(List<byte[]> messages) {
    StringBuilder text = new StringBuilder("a[");
    for (byte[] message : messages) {
      if (text.length() > 2) {
        text.append(',');
      }
      text.append(ServerFrames.quote(new String(message, StandardCharsets.UTF_8)));
    }
    return ServerFrames.utf8(text.append(']').toString());
  }

  /** Netty's negotiation, told about a request that it did not see because Vert.x had read it already. */
  private static final class PrimedExtensions extends WebSocketServerExtensionHandler {
    private final HttpRequest upgrade;

    PrimedExtensions(HttpRequest upgrade, int maxInflatedBytes) {
      super(new NoContextDeflate(maxInflatedBytes));
      this.upgrade = upgrade;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) throws Exception {
      super.handlerAdded(context);
      onHttpRequestChannelRead(context, upgrade);
    }
  }

  /** Accepts permessage-deflate only without context takeover on both sides; RFC 7692, 7.1.1 lets the server say so unasked. */
  private static final class NoContextDeflate implements WebSocketServerExtensionHandshaker {
    private final PerMessageDeflateServerExtensionHandshaker deflate;

    NoContextDeflate(int maxInflatedBytes) {
      this.deflate = new PerMessageDeflateServerExtensionHandshaker(
          1, false, 15, true, true, WebSocketExtensionFilterProvider.DEFAULT, maxInflatedBytes);
    }

    @Override
    public @Nullable WebSocketServerExtension handshakeExtension(WebSocketExtensionData offer) {
      Map<String, String> parameters = new LinkedHashMap<>(offer.parameters());
      parameters.put("server_no_context_takeover", null);
      parameters.put("client_no_context_takeover", null);
      return deflate.handshakeExtension(new WebSocketExtensionData(offer.name(), parameters));
    }
  }
}
