#include "target/wire.h"

#include <gtest/gtest.h>

#include <limits>

namespace nacre::target_internal {
namespace {

TEST(Frame, GivesBackWhatWasPutInTheSameOrder) {
  const std::string text("zero \0 inside", 13);
  const std::string frame = FrameWriter()
                                .Put(-3)
                                .Put(text)
                                .Put(0.1)
                                .Put(std::string())
                                .Put(std::numeric_limits<int64_t>::min())
                                .Put(uint8_t{255})
                                .Frame();
  FrameReader stream(frame);
  const auto bytes = stream.NextFrame();
  ASSERT_TRUE(bytes);
  FrameReader reader(*bytes);
  EXPECT_EQ(reader.Get<int>(), -3);
  EXPECT_EQ(reader.GetText(), text);
  EXPECT_EQ(reader.Get<double>(), 0.1);
  EXPECT_EQ(reader.GetText(), "");
  EXPECT_EQ(reader.Get<int64_t>(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(reader.Get<uint8_t>(), 255);
  EXPECT_FALSE(stream.NextFrame());
}

// The layout is a contract with nacre on other machines: what changes it must change kWireProtocol.
TEST(Frame, HasALengthOfEightBytesInFront) {
  EXPECT_EQ(FrameWriter().Put(uint8_t{7}).Frame(), std::string("\1\0\0\0\0\0\0\0\7", 9));
  EXPECT_EQ(FrameWriter().Put(std::string("ab")).Frame(),
            std::string("\12\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0ab", 18));
  EXPECT_EQ(FrameWriter().Frame(), std::string(8, '\0'));
  FrameWriter writer;
  writer.Put(uint8_t{7});
  EXPECT_EQ(writer.TakeFrame(), std::string("\1\0\0\0\0\0\0\0\7", 9));
  EXPECT_EQ(writer.TakeFrame(), std::string(8, '\0'));
  EXPECT_EQ(kWireProtocol, 1);
  EXPECT_EQ(static_cast<char>(Reply::kWorkingOn), 'a');
  EXPECT_EQ(static_cast<char>(Reply::kFailed), 'f');
  EXPECT_EQ(static_cast<char>(Reply::kMeasured), 'm');
}

TEST(FrameReader, ReadsFramesOneAfterTheOther) {
  const std::string bytes = FrameWriter().Put(1).Frame() + FrameWriter().Frame() +
                            FrameWriter().Put(std::string("last")).Frame();
  FrameReader stream(bytes);
  EXPECT_EQ(FrameReader(*stream.NextFrame()).Get<int>(), 1);
  EXPECT_TRUE(stream.NextFrame()->empty());
  EXPECT_EQ(FrameReader(*stream.NextFrame()).GetText(), "last");
  EXPECT_FALSE(stream.NextFrame());
  EXPECT_FALSE(stream.NextFrame());
}

// A child that dies in the middle of a reply leaves its beginning.
TEST(FrameReader, ACutFrameIsNoFrame) {
  const std::string whole = FrameWriter().Put(0.5).Put(std::string("text")).Frame();
  for (size_t length = 0; length < whole.size(); ++length) {
    FrameReader stream(std::string_view(whole).substr(0, length));
    EXPECT_FALSE(stream.NextFrame()) << length;
  }
  FrameReader stream(whole);
  EXPECT_TRUE(stream.NextFrame());
}

TEST(FrameReader, ALengthThatIsALieIsNoFrame) {
  for (const uint64_t length : {uint64_t{100}, uint64_t{1} << 63, ~uint64_t{0}, ~uint64_t{7}}) {
    std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
    bytes += "some bytes";
    FrameReader stream(bytes);
    EXPECT_FALSE(stream.NextFrame()) << length;
  }
}

TEST(FrameReader, MoreThanThereIsThrows) {
  const std::string bytes = "abc";
  EXPECT_THROW(FrameReader(bytes).Get<int>(), std::out_of_range);
  EXPECT_THROW(FrameReader(bytes).GetText(), std::out_of_range);
  EXPECT_THROW(FrameReader("").Get<uint8_t>(), std::out_of_range);
  const uint64_t lie = ~uint64_t{0};
  std::string text(reinterpret_cast<const char*>(&lie), sizeof lie);
  text += "short";
  EXPECT_THROW(FrameReader(text).GetText(), std::out_of_range);
}

}  // namespace
}  // namespace nacre::target_internal
