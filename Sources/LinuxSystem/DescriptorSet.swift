import CLinux

/// Descriptors that are closed together: the ends of sockets that other processes have taken over.
public final class DescriptorSet {
  private var numbers: [Int32]

  public init(_ numbers: [Int32]) { self.numbers = numbers }

  public func closeAll() {
    for number in numbers { clinux_close(number) }
    numbers = []
  }

  deinit { closeAll() }
}
