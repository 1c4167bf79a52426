import CLinux
import LinuxSystem
import TestSupport
import Testing

@Suite struct TrustedPathTests {
  private let planted: PlantedDirectory

  init() throws { planted = try PlantedDirectory() }

  @Test("links, dots and what is not there are resolved as the kernel does")
  func canonical() throws {
    let real = try planted.directory("real")
    _ = try planted.link("absolute", to: real)
    _ = try planted.link("relative", to: "./real/../real/.")
    for name in ["real", "absolute", "relative", "real/../absolute/", "./relative/.", "absolute/../relative"] {
      let path = TrustedPath("\(planted.path)/\(name)")
      #expect(path.canonical == real && path.flaw == nil && path.plantedLink == nil, "\(name): \(path)")
    }
    #expect(TrustedPath("\(planted.path)/absolute/not/there").canonical == real + "/not/there")
    #expect(TrustedPath("\(planted.path)/none").flaw == nil)
    #expect(TrustedPath("/").canonical == "/" && TrustedPath("/../..").canonical == "/")
  }

  @Test("a link that leads to itself ends")
  func endlessLink() throws {
    let link = try planted.link("loop", to: "loop")
    #expect(TrustedPath(link).flaw == "\(link) is a symbolic link that leads nowhere")
    let (a, b) = (try planted.link("a", to: "b/x"), try planted.link("b", to: "a/x"))
    #expect(TrustedPath(a).flaw != nil && TrustedPath(b).flaw != nil)
  }

  @Test("what others may write to is a flaw wherever it stands on the way, but with a sticky bit")
  func writable() throws {
    for (name, mode, blame) in [
      ("others", UInt32(0o757), "others may write to"), ("group", 0o775, "group \(getegid()) may write to"),
    ] {
      let open = try planted.directory(name, mode: mode)
      try #require(mkdir(open + "/below", 0o700) == 0)
      for path in [open, open + "/below", open + "/below/none"] {
        #expect(TrustedPath(path).flaw == "\(blame) \(open)", "\(TrustedPath(path))")
      }
    }
    let sticky = try planted.directory("sticky", mode: 0o1777)
    try #require(mkdir(sticky + "/below", 0o700) == 0)
    #expect(TrustedPath(sticky + "/below").flaw == nil)
    #expect(TrustedPath("\(planted.path)/group", owners: .ours(and: 12_345, group: getegid())).flaw == nil)
    #expect(TrustedPath("\(planted.path)/others", owners: .ours(and: 12_345, group: getegid())).flaw != nil)
  }

  @Test(
    "somebody else's directories and links are flaws, and nobody's is the user's behind sudo",
    .enabled(if: Privilege.isGrantedOrRequired, Privilege.reason))
  func owners() throws {
    try Privilege.require()
    let nobody = PlantedDirectory.nobody
    let theirs = try planted.directory("theirs", owner: nobody)
    // Root's own, but its name is not root's to keep.
    try #require(mkdir(theirs + "/roots", 0o700) == 0)
    let real = try planted.directory("real")
    try #require(mkdir(real + "/below", 0o700) == 0)
    let link = try planted.link("link", to: real, owner: nobody)
    for path in [theirs, theirs + "/roots"] { #expect(TrustedPath(path).flaw == "\(theirs) belongs to user \(nobody)") }
    #expect(
      TrustedPath(link).flaw == "\(link) is a symbolic link of user \(nobody)" && TrustedPath(link).plantedLink == nil)
    #expect(TrustedPath(link + "/below").plantedLink == "\(link) is a symbolic link of user \(nobody)")
    // A link of root's that leads over one that is not.
    let over = try planted.link("over", to: "link/below")
    #expect(TrustedPath(over).plantedLink == "\(link) is a symbolic link of user \(nobody)")
    // In a sticky directory everybody may plant.
    let sticky = try planted.directory("sticky", mode: 0o1777)
    try #require(mkdir(sticky + "/theirs", 0o700) == 0 && lchown(sticky + "/theirs", nobody, nobody) == 0)
    #expect(TrustedPath(sticky + "/theirs").flaw != nil)
    let owners = TrustedPath.Owners.ours(and: nobody, group: nobody)
    for path in [theirs + "/roots", link + "/below", over, sticky + "/theirs"] {
      let trusted = TrustedPath(path, owners: owners)
      #expect(trusted.flaw == nil && trusted.plantedLink == nil, "\(trusted)")
    }
  }
}
