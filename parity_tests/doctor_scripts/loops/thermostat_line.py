# fits a straight line: heating hours from outside temperature, no arrays at all
temps = [-4.0, -1.5, 0.5, 3.0, 6.5, 9.0, 12.5]
hours = [9.1, 8.2, 7.4, 6.6, 5.1, 4.3, 2.9]
temps = [t / 10 for t in temps]

slope, offset = 0.3, 1.0
step = 0.05
for epoch in range(40):
    g_slope = g_offset = 0.0
    cost = 0.0
    for t, h in zip(temps, hours):
        guess = slope * t + offset
        diff = guess - h
        cost += diff * diff / len(temps)
        g_slope += 2 * diff * t / len(temps)
        g_offset += 2 * diff / len(temps)
    slope -= step * g_slope
    offset -= step * g_offset
    if epoch % 10 == 0:
        print(epoch, cost)
