# The benchmark in a container. `scripts/image` builds this, with the two base images made on the spot where no image registry
# can be reached. What a run needs: --privileged -v /dev:/dev, and a place for the results:
#   podman run --privileged -v /dev:/dev -v "$PWD/results:/results" --rm failover-bench run --output /results/first
# A container that is killed takes all its processes with it at once, so that nobody is left to put the host back. With
# -v /run/failover-bench:/run/failover-bench -v /var/tmp:/var/tmp the journal and the images outlive it, and `cleanup` in a
# container started in the same way puts everything back. --pid=host shows the kernel's threads, whose CPU time is then recorded.
ARG BUILD_IMAGE=swift:6.3.1-bookworm
ARG RUNTIME_IMAGE=debian:bookworm-slim

FROM ${BUILD_IMAGE} AS build
# A base image that already has the packages is built from without any network.
RUN dpkg -s libmount-dev libblkid-dev pkg-config binutils >/dev/null 2>&1 || { \
      apt-get update \
      && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends libmount-dev libblkid-dev pkg-config binutils \
      && rm -rf /var/lib/apt/lists/*; }
WORKDIR /src
COPY . .
# The Swift libraries go into the binaries: the runtime image needs no toolchain.
RUN swift build -c release --static-swift-stdlib --product failover-bench \
    && swift build -c release --static-swift-stdlib --product failover-bench-pressure \
    && binaries=$(swift build -c release --static-swift-stdlib --show-bin-path) \
    && mkdir /out \
    && for product in failover-bench failover-bench-pressure; do \
         strip -o "/out/$product" "$binaries/$product" || exit 1; \
       done \
    && share=/out/share \
    && mkdir -p $share/man/man1 $share/bash-completion/completions $share/zsh/site-functions $share/fish/vendor_completions.d \
    && /out/failover-bench manual >$share/man/man1/failover-bench.1 \
    && /out/failover-bench --generate-completion-script bash >$share/bash-completion/completions/failover-bench \
    && /out/failover-bench --generate-completion-script zsh >$share/zsh/site-functions/_failover-bench \
    && /out/failover-bench --generate-completion-script fish >$share/fish/vendor_completions.d/failover-bench.fish

FROM ${RUNTIME_IMAGE}
# e2fsprogs and btrfs-progs are for `profile`, gnuplot-nox draws the charts of `report`.
RUN dpkg -s libmount1 libblkid1 xfsprogs e2fsprogs btrfs-progs gnuplot-nox >/dev/null 2>&1 || { \
      apt-get update \
      && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends libmount1 libblkid1 xfsprogs e2fsprogs \
         btrfs-progs gnuplot-nox \
      && rm -rf /var/lib/apt/lists/*; }
LABEL org.opencontainers.image.title="failover-bench" \
      org.opencontainers.image.description="Mount times of XFS file systems failing over on a kernel with fragmented memory"
# Side by side: the benchmark looks for its helper in its own directory.
COPY --from=build /out/failover-bench /out/failover-bench-pressure /usr/local/bin/
COPY --from=build /out/share/ /usr/local/share/
ENTRYPOINT ["failover-bench"]
