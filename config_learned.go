package main

// Learned is the folder into which contracts are written once they have
// settled; "" for none.
func (c *Config) Learned() string {
	if c.file.learned.text == "" {
		return ""
	}
	return c.file.learned.file()
}
