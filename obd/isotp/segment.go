package isotp

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/pitcrew-telematics/pitcrew/obd/can"
)

// padding fills the frames of CAN FD up to a length that exists (ISO 15765-2:2016,
// 10.4.2.1).
const padding = 0xCC

// Segment cuts a message into frames of up to size data bytes: 8 for classic CAN,
// 12, 16, 20, 24, 32, 48 or 64 for CAN FD. A Receiver whose limit allows the length
// joins them to the same message. Frames of classic CAN are not padded.
func Segment(id can.ID, payload []byte, size int) ([]can.Frame, error) {
	if size < classic || size > can.MaxData || size != frameSize(size) {
		return nil, fmt.Errorf("segment message of %s: no frame has %d data bytes", id, size)
	}
	n := len(payload)
	if n == 0 || uint64(n) > math.MaxUint32 {
		return nil, fmt.Errorf("segment message of %s: %d bytes, want 1 to %d", id, n, uint32(math.MaxUint32))
	}
	if n <= fitsSingle(size) {
		return []can.Frame{{ID: id, Data: singleFrame(payload)}}, nil
	}
	head := firstHeader(n)
	taken := size - len(head)
	frames := make([]can.Frame, 0, 2+(n-taken)/(size-1))
	frames = append(frames, can.Frame{ID: id, Data: append(head, payload[:taken]...)})
	for number := byte(1); taken < n; number++ {
		part := payload[taken:min(n, taken+size-1)]
		data := append(make([]byte, 0, size), consecutive<<4|number&15)
		frames = append(frames, can.Frame{ID: id, Data: padded(append(data, part...))})
		taken += len(part)
	}
	return frames, nil
}

func singleFrame(payload []byte) []byte {
	data := make([]byte, 0, frameSize(len(payload)+2))
	if len(payload) < classic {
		data = append(data, byte(len(payload)))
	} else {
		data = append(data, 0, byte(len(payload)))
	}
	return padded(append(data, payload...))
}

func firstHeader(n int) []byte {
	head := make([]byte, 0, can.MaxData)
	if n <= DefaultMaxLength {
		return append(head, first<<4|byte(n>>8), byte(n))
	}
	return binary.BigEndian.AppendUint32(append(head, first<<4, 0), uint32(n))
}

// padded fills a frame of CAN FD.
func padded(data []byte) []byte {
	if len(data) > classic {
		for len(data) < frameSize(len(data)) {
			data = append(data, padding)
		}
	}
	return data
}

// frameSize returns the smallest length of a CAN FD frame that holds n bytes.
func frameSize(n int) int {
	for _, size := range [...]int{12, 16, 20, 24, 32, 48} {
		if n > classic && n <= size {
			return size
		}
	}
	if n > classic {
		return can.MaxData
	}
	return max(n, 0)
}
