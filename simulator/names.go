package simulator

import (
	"fmt"

	"github.com/pitcrew-telematics/pitcrew/vehicle"
)

// maker is an invented brand, with an invented manufacturer identifier (ISO 3780).
type maker struct {
	wmi, brand string
	models     [4]string // petrol, diesel, hybrid, battery-electric
}

func makers(chinese bool) []maker {
	if chinese {
		return []maker{
			{"LPN", "Lanqi", [4]string{"Q5 1.5T", "Q7 2.0D", "Q5 DHEV", "E3"}},
			{"LYH", "Yunhe", [4]string{"Tide 1.6", "Porter 2.2D", "Tide HEV", "Tide EV"}},
			{"LXK", "Kestrel Motor", [4]string{"K20", "K60 D", "K20 Hybrid", "Volt K"}},
			{"LTB", "Bolun", [4]string{"Arco 1.4T", "Cargo 2.0D", "Arco PHEV", "Arco E"}},
		}
	}
	return []maker{
		{"WNV", "Norvik", [4]string{"Fjell 1.5", "Fjell 2.0 TD", "Fjell Hybrid", "Fjell e"}},
		{"VLX", "Lumière", [4]string{"Aube 1.2", "Fourgon dCi", "Aube Duo", "Aube Z"}},
		{"SDN", "Denholm", [4]string{"Marlow", "Carrier TD", "Marlow Hybrid", "Marlow EV"}},
		{"1PK", "Prairie", [4]string{"Cascade V", "Hauler D", "Cascade Hybrid", "Mesa EV"}},
		{"5TR", "Torrent", [4]string{"Ridge", "Ridge TD", "Ridge Hybrid", "Current"}},
	}
}

func (c *car) nameCar(r *random, d draw) {
	all := makers(c.region.locale == "zh-CN")
	m := all[r.below(len(all))]
	train := map[vehicle.Powertrain]int{vehicle.Petrol: 0, vehicle.Diesel: 1, vehicle.Hybrid: 2, vehicle.BatteryElectric: 3}[c.Powertrain]
	c.Brand, c.Model = m.brand, m.models[train]
	if d.six {
		c.Model = m.models[0] + " V6"
	}
}

// maker returns the manufacturer identifier of the car's brand.
func (c *car) maker() string {
	for _, m := range makers(c.region.locale == "zh-CN") {
		if m.brand == c.Brand {
			return m.wmi
		}
	}
	return "LPN"
}

func (c *car) nameOwner(r *random, index int) {
	c.Owner.Locale = c.region.locale
	c.Owner.Contact = fmt.Sprintf("owner%d@example.com", index+1)
	pick := func(s ...string) string { return s[r.below(len(s))] }
	if c.region.locale == "zh-CN" {
		c.Owner.Name = pick("陈", "林", "王", "李", "张", "刘", "黄", "周", "吴", "赵") +
			pick("伟", "静", "浩然", "晓雨", "建国", "思远", "丽华", "子涵", "明", "雪")
		c.shop = pick("顺达汽修", "安途汽车服务", "恒远养车", "城北汽修")
		c.Plate = fmt.Sprintf("%s·%c%04d", c.region.plate, "BCEFGHJK"[r.below(8)], r.below(10000))
		if c.Powertrain == vehicle.BatteryElectric {
			c.Plate = fmt.Sprintf("%s·D%05d", c.region.plate, r.below(100000))
		}
		return
	}
	c.Owner.Name = pick("Anna", "Jonas", "Clara", "Mateo", "Ingrid", "Lukas", "Sofia", "Henrik", "Elena", "Oliver") + " " +
		pick("Berg", "Keller", "Moreno", "Dahl", "Fischer", "Haugen", "Ortega", "Lindqvist", "Weber", "Marsh")
	c.shop = pick("Lindenhof Garage", "Nordring Autoservice", "Taller Arroyo", "Fjordveien Bil", "Quick Lane Motors")
	c.Plate = fmt.Sprintf("%s-%c%c %d", c.region.plate, 'A'+rune(r.below(26)), 'A'+rune(r.below(26)), 100+r.below(9900))
}
